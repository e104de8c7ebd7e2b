import type { CallToolResult, ListToolsResult, Tool } from '@modelcontextprotocol/server';
import { Inject, Injectable } from '@nestjs/common';
import { inputSchemaOf, isTerminal, WorkflowStore, type JsonObject, type JsonValue, type WorkflowDefinition } from '@baton/core';
import { RunStarter, RunWatcher } from '@baton/engine';
import { CONFIG, type Config, type Principal } from '@baton/platform';
import { AnswerBound } from '../answer-bound.js';
import { RunStatuses } from '../run-statuses.js';
import { meaningOfStart } from '../wire/run.js';
import { readIdempotency } from '../wire/start-headers.js';
import { RUN_RESULT_SCHEMA, runResult } from './tool-result.js';

/** Workflows of one page of the list. */
const PAGE = 50;
/** Versions whose tool is kept; the oldest is made again when it is asked for. */
const KEPT = 1_000;

/** The tool that a version of a workflow is. */
interface WorkflowTool {
  readonly tool: Tool;
  /** The run's input is the argument `input`, since it is not an object; else it is all of the arguments. */
  readonly isWrapped: boolean;
}

/** Every workflow that takes new runs is a tool: its name, what it is for, and its `input_schema`. */
@Injectable()
export class WorkflowTools {
  private readonly known = new Map<string, WorkflowTool>();

  constructor(
    private readonly workflows: WorkflowStore,
    private readonly starter: RunStarter,
    private readonly watcher: RunWatcher,
    private readonly statuses: RunStatuses,
    private readonly bound: AnswerBound,
    @Inject(CONFIG) private readonly config: Pick<Config, 'mcpWaitMs'>,
  ) {}

  /** By name, page by page. */
  async list(tenantId: string, cursor: string | undefined): Promise<ListToolsResult> {
    const page = { limit: PAGE, ...(cursor !== undefined && { afterName: cursor }) };
    const found = await this.workflows.list(tenantId, page);
    const tools = await Promise.all(found.map(async ({ digest }) => (await this.toolOf(digest))?.tool ?? []));
    return { tools: tools.flat(), ...(found.length === PAGE && { nextCursor: found.at(-1)!.name }) };
  }

  /**
   * Starts a run, and waits a while for its end.
   * @param key names the call: the same call twice is one run
   * @throws BatonError as a start does
   */
  async call(
    { name: by, tenantId }: Principal,
    workflowName: string,
    args: JsonObject,
    { key, signal }: { key: string | undefined; signal: AbortSignal },
  ): Promise<CallToolResult> {
    const start = async () => {
      const workflow = await this.starter.findRunnable(tenantId, workflowName);
      const isWrapped = (await this.toolOf(workflow.digest))?.isWrapped === true;
      const input: JsonValue = isWrapped ? (args['input'] ?? null) : args;
      const idempotency = readIdempotency(key, meaningOfStart({ workflow: workflowName, input }));
      return this.starter.startWorkflowRun({ tenantId, workflow, input, by, idempotency });
    };
    const { id, seq } = await this.bound.within(start());
    return this.outcomeOf(tenantId, id, { waitMs: this.config.mcpWaitMs, signal, fresh: seq === 1 });
  }

  /** How a run stands, at its end if that comes within `waitMs`. @throws BatonError `run_not_found`, also for a run of another tenant. */
  async resultOf(tenantId: string, runId: string, wait: { waitMs: number; signal: AbortSignal }): Promise<CallToolResult> {
    // Whose run it is comes first: who waits for an end is not asked.
    if (wait.waitMs > 0) await this.statuses.require(tenantId, runId);
    return this.outcomeOf(tenantId, runId, { ...wait, fresh: false });
  }

  private async outcomeOf(
    tenantId: string,
    runId: string,
    { waitMs, signal, fresh }: { waitMs: number; signal: AbortSignal; fresh: boolean },
  ): Promise<CallToolResult> {
    const ended = waitMs === 0 ? null : await this.watcher.waitForEnd(runId, waitMs, signal, { fresh });
    const run = ended ?? (await this.statuses.require(tenantId, runId));
    return runResult(run, isTerminal(run.status) ? null : (await this.statuses.explain(run)).sentence);
  }

  private async toolOf(digest: string): Promise<WorkflowTool | null> {
    const known = this.known.get(digest);
    if (known !== undefined) return known;
    const definition = await this.workflows.findByDigest(digest);
    if (definition === null) return null;
    const tool = describe(definition);
    if (this.known.size >= KEPT) this.known.delete(this.known.keys().next().value!);
    this.known.set(digest, tool);
    return tool;
  }
}

function describe(definition: WorkflowDefinition): WorkflowTool {
  const { name, description = `Runs the workflow ${name}.` } = definition;
  const schema = inputSchemaOf(definition)?.json;
  const isWrapped = schema !== undefined && schema['type'] !== 'object';
  const inputSchema = isWrapped
    ? { type: 'object' as const, properties: { input: schema }, required: ['input'], additionalProperties: false }
    : { ...schema, type: 'object' as const };
  return { tool: { name, description, inputSchema, outputSchema: RUN_RESULT_SCHEMA }, isWrapped };
}
