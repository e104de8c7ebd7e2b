import { nodeEvent, type NodeHandler, type NodeStart, type PlanCompensation, type PlanNode } from '@baton/core';
import { hasTypes, lackingTypes } from './lacking-types.js';
import { RunAttempt, type RunAttemptParts } from './run-attempt.js';

interface RunAttemptsParts extends RunAttemptParts {
  handlers: ReadonlyMap<string, NodeHandler>;
}

/** The nodes of a run that are in work in this process, at most one attempt each; how they end goes into the outbox. */
export class RunAttempts {
  /** By node: a patch may move its place. */
  private readonly inWork = new Map<string, RunAttempt>();

  constructor(private readonly parts: RunAttemptsParts) {}

  get size(): number {
    return this.inWork.size;
  }

  /** Calls the handlers: of the nodes, or, while the run is undone, of what undoes them. */
  launch(starts: readonly NodeStart[]): void {
    const { state, handlers } = this.parts;
    for (const start of starts) {
      const node = state.plan.nodes[start.index]!;
      const work = state.undoing === null ? node : node.compensate!;
      const handler = handlers.get(work.type);
      if (handler === undefined || !hasTypes(handlers, work)) this.passOver(node, start);
      else this.begin(node, work, start, handler);
    }
  }

  /** Stops what is in work without counting it as a failure: the nodes are ready again, their finished steps kept. */
  interrupt(reason: string): void {
    const { state, outbox, clock } = this.parts;
    const at = clock.now();
    const interrupted = [...this.inWork.keys()];
    this.abort(reason);
    for (const id of interrupted) {
      const { visit, attempt } = state.nodes[state.plan.indexById.get(id)!]!;
      outbox.record(nodeEvent('node.interrupted', { id, visit, attempt }, at, { reason }));
    }
  }

  /** Tells every handler to stop. What comes of them is of no interest any more. */
  abort(reason: string): void {
    if (this.inWork.size === 0) return;
    const error = new Error(reason);
    for (const attempt of this.inWork.values()) attempt.abort(error);
    this.inWork.clear();
    this.parts.budget.releaseAll();
  }

  private begin(node: PlanNode, work: PlanNode | PlanCompensation, start: NodeStart, handler: NodeHandler): void {
    const attempt = new RunAttempt(this.parts, this.inWork, node, work, start, handler);
    this.inWork.set(node.id, attempt);
    attempt.begin();
  }

  /** Nobody has its type. A node was skipped with its start; what undoes one fails. */
  private passOver(node: PlanNode, start: NodeStart): void {
    const { handlers, run, state, outbox, places, clock, observer } = this.parts;
    places.release();
    if (state.undoing !== null) {
      const error = {
        code: 'node_failed',
        message: `no worker runs nodes of type ${lackingTypes(handlers, node.compensate!).join(', ')}`,
        retryable: false,
      };
      const { visit, attempt } = start;
      outbox.record(nodeEvent('compensation.failed', { id: node.id, visit, attempt }, clock.now(), { error, retry_at: null }));
    }
    observer.nodeEnded({ runId: run.id, taskId: run.taskId, nodeId: node.id, type: 'unknown', outcome: 'skipped', ms: 0 });
  }
}
