import type { JournalEvent } from '@baton/core';
import { toExecutionMessages } from '../wire/execution-message.js';
import { ExecutionQuery, readSign } from '../wire/live.js';
import type { Orchestrated } from '../wire/orchestration-event.js';
import type { OrchestratedRuns } from '../orchestrated-runs.js';
import type { LiveClient } from './live-client.js';
import { LiveClosing } from './live-close.js';
import type { LiveTarget } from './live-target.js';
import type { Session, SessionParts } from './live-session.js';
import { WorkflowRuns } from './workflow-runs.js';

export interface ExecutionParts extends SessionParts {
  orchestrated: OrchestratedRuns;
  workflowRuns: WorkflowRuns;
}

/** The socket of one run, or of all runs of a workflow: their events under the names of orchestration clients. */
export class ExecutionSession implements Session {
  private readonly stop = new AbortController();

  constructor(
    private readonly client: LiveClient,
    private readonly target: LiveTarget,
    private readonly parts: ExecutionParts,
  ) {
    this.start().catch((error: unknown) => parts.failed(client, error));
  }

  async receive(text: string): Promise<void> {
    const sign = readSign(text);
    if (sign === null)
      return this.client.sendJson({ type: 'error', code: 'invalid_request', detail: 'Only tokens are understood here.' });
    if (sign.type === 'token') await this.parts.gate.renew(this.client, sign.token);
  }

  /** The pings of the protocol are enough. */
  beat(): void {}

  close(): void {
    this.stop.abort();
  }

  private async start(): Promise<void> {
    const query = ExecutionQuery.safeParse(Object.fromEntries(this.target.query));
    if (!query.success) throw new LiveClosing('bad_request', firstProblem(query.error.issues));
    const { kind, id } = this.target;
    const { caller } = this.client;
    const { types, from_seq: afterSeq, since, after } = query.data;
    if ((await this.parts.gate.findRun(caller, id)) !== null) {
      await this.send(id, afterSeq, types);
      await this.client.flushed();
      throw new LiveClosing('ended');
    }
    const workflow = kind === 'workflows' ? await this.parts.gate.findWorkflow(caller, id) : null;
    if (workflow === null) throw new LiveClosing('not_found');
    const runs = { tenantId: caller.principal.tenantId, workflowId: workflow.id, since, after };
    await this.parts.workflowRuns.follow(runs, this.stop.signal, (runId, from) =>
      this.send(runId, from, types).catch((error: unknown) => this.parts.failed(this.client, error)),
    );
  }

  private async send(runId: string, afterSeq: number, types: ExecutionQuery['types']): Promise<void> {
    const { orchestrated, feed } = this.parts;
    let about: Orchestrated | null = null;
    const write = async (event: JournalEvent): Promise<void> => {
      about ??= await orchestrated.describe(runId);
      if (event.type === 'run.patched') about = { ...about, definition: await orchestrated.definition(event.payload.digest) };
      this.sendMessages(event, about, types);
    };
    await feed.send({ id: runId, afterSeq }, { client: this.client, signal: this.stop.signal, write });
  }

  /** What follows with the same seq is said, so that a client that did not get it knows. */
  private sendMessages(event: JournalEvent, about: Orchestrated, types: ExecutionQuery['types']): void {
    const messages = toExecutionMessages(event, about).filter(({ type }) => types?.includes(type) ?? true);
    messages.forEach((message, index) =>
      this.client.sendJson({ ...message, ...(index < messages.length - 1 && { more: true }) }),
    );
  }
}

function firstProblem(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  const [issue] = issues;
  return `\`${String(issue?.path[0])}\` is not valid`;
}
