import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { issueProblems, type JsonObject } from '@baton/core';
import { RunSignaller } from '@baton/engine';
import { CONFIG, type Config, type Principal } from '@baton/platform';
import { invalidRequest } from '../problems/validation.js';
import { Reason } from '../wire/control.js';
import { RUN_RESULT_SCHEMA } from './tool-result.js';
import { WorkflowTools } from './workflow-tools.js';

const RunId = z.string().min(1).max(64);

const ShowArguments = z.strictObject({
  run_id: RunId,
  wait_seconds: z.number().min(0).max(600).default(0).describe('How long to wait for its end; no longer than the server allows.'),
});
const CancelArguments = z.strictObject({ run_id: RunId, reason: Reason.optional() });

/** What a tool about runs does, and who may call it. */
interface RunTool {
  readonly access: 'viewer' | 'operator';
  readonly tool: Tool;
  call(caller: Principal, args: JsonObject, signal: AbortSignal): Promise<CallToolResult>;
}

/** The tools about runs that workflows have started. Their names are theirs alone: a workflow of such a name is no tool. */
@Injectable()
export class RunTools {
  /** By name. */
  readonly tools: ReadonlyMap<string, RunTool>;

  constructor(
    private readonly workflows: WorkflowTools,
    private readonly signaller: RunSignaller,
    @Inject(CONFIG) private readonly config: Pick<Config, 'mcpWaitMs'>,
  ) {
    this.tools = new Map([
      [
        'baton_run',
        {
          ...{
            access: 'viewer',
            tool: toolOf('baton_run', 'How a run stands and why; its output once it has completed.', ShowArguments),
          },
          call: (caller, args, signal) => this.show(caller, read(ShowArguments, args), signal),
        },
      ],
      [
        'baton_cancel',
        {
          ...{ access: 'operator', tool: toolOf('baton_cancel', 'Ends a run.', CancelArguments) },
          call: (caller, args, signal) => this.cancel(caller, read(CancelArguments, args), signal),
        },
      ],
    ] satisfies [string, RunTool][]);
  }

  private show({ tenantId }: Principal, args: z.infer<typeof ShowArguments>, signal: AbortSignal): Promise<CallToolResult> {
    const waitMs = Math.min(args.wait_seconds * 1_000, this.config.mcpWaitMs);
    return this.workflows.resultOf(tenantId, args.run_id, { waitMs, signal });
  }

  private async cancel(
    { name: by, tenantId }: Principal,
    { run_id: runId, reason = 'cancelled by a caller' }: z.infer<typeof CancelArguments>,
    signal: AbortSignal,
  ): Promise<CallToolResult> {
    await this.signaller.cancel({ tenantId, runId, reason, by }, signal);
    const { isError: _, ...result } = await this.workflows.resultOf(tenantId, runId, { waitMs: 0, signal });
    return result;
  }
}

function toolOf(name: string, description: string, args: z.ZodType): Tool {
  const { $schema: _, ...schema } = z.toJSONSchema(args, { io: 'input' });
  return { name, description, inputSchema: schema as Tool['inputSchema'], outputSchema: RUN_RESULT_SCHEMA };
}

/** @throws BatonError `invalid_request`. */
function read<T extends z.ZodType>(schema: T, args: JsonObject): z.infer<T> {
  const { data, error } = schema.safeParse(args);
  if (error !== undefined) throw invalidRequest(error.issues.flatMap(issueProblems));
  return data;
}
