import type { Awaited, JournalEvent, JsonValue } from '@baton/core';

export type Settled = 'completed' | 'skipped' | 'failed';

/** What a journal says, read without the product's own fold: what the checks hold the product to. */
export class RunFacts {
  readonly settled = new Map<string, Settled>();
  readonly cuts = new Set<string>();
  readonly outputs = new Map<string, JsonValue>();
  /** `node/visit/key` of every journaled step. */
  readonly steps = new Set<string>();
  readonly waits = new Map<string, { awaits: Awaited; visit: number }>();
  /** Nodes in the order in which they completed. */
  readonly completed: string[] = [];
  readonly undone = new Map<string, 'completed' | 'failed'>();
  paused = false;
  undoing = false;
  ended = false;
  /** Of the last patch that was taken up. */
  digest: string | null = null;
  /** Nodes that have begun. */
  readonly begun = new Set<string>();
  /** Nodes whose attempt is under way, here or in a pool. */
  readonly inWork = new Map<string, 'here' | 'pool'>();
  waitsForPlace = false;
  private read = 0;

  /** Reads what has been journaled since. */
  catchUp(journal: readonly JournalEvent[]): this {
    for (; this.read < journal.length; this.read += 1) this.take(journal[this.read]!);
    return this;
  }

  take(event: JournalEvent): void {
    const { nodeId: id, visit } = event;
    switch (event.type) {
      case 'run.submitted':
        this.waitsForPlace = event.payload.waits_for_place === true;
        for (const kept of event.payload.snapshot ?? []) {
          this.settle(kept.id, kept.status, kept.output);
          if (kept.cuts === true) this.cuts.add(kept.id);
        }
        break;
      case 'run.claimed':
        for (const [nodeId, where] of this.inWork) if (where === 'here') this.inWork.delete(nodeId);
        break;
      case 'node.started':
      case 'node.dispatched':
        this.begun.add(id!);
        this.inWork.set(id!, event.type === 'node.started' ? 'here' : 'pool');
        break;
      case 'node.repeated':
      case 'node.interrupted':
        this.inWork.delete(id!);
        break;
      case 'signal.received':
        if (event.payload.type === 'admit') this.waitsForPlace = false;
        break;
      case 'run.patched':
        this.digest = event.payload.digest;
        break;
      case 'step.completed':
        this.steps.add(`${id}/${visit}${this.undoing ? '/undo' : ''}/${event.payload.key}`);
        break;
      case 'node.suspended':
        this.inWork.delete(id!);
        this.waits.set(id!, { awaits: event.payload.awaits, visit });
        break;
      case 'node.resumed':
        this.waits.delete(id!);
        break;
      case 'node.completed':
        this.settle(id!, 'completed', event.payload.output);
        break;
      case 'node.skipped':
        this.settle(id!, 'skipped', null);
        if (event.payload.cuts === true) this.cuts.add(id!);
        break;
      case 'node.failed':
        this.inWork.delete(id!);
        if (event.payload.retry_at === null) this.settle(id!, 'failed', null);
        break;
      case 'run.paused':
        this.paused = true;
        break;
      case 'run.resumed':
        this.paused = false;
        break;
      case 'run.compensating':
        this.undoing = true;
        break;
      case 'compensation.completed':
        this.undone.set(id!, 'completed');
        break;
      case 'compensation.failed':
        if (event.payload.retry_at === null) this.undone.set(id!, 'failed');
        break;
      case 'run.completed':
      case 'run.failed':
      case 'run.cancelled':
        this.ended = true;
        break;
    }
  }

  private settle(id: string, status: Settled, output: JsonValue): void {
    this.inWork.delete(id);
    this.settled.set(id, status);
    this.outputs.set(id, output);
    if (status === 'completed') this.completed.push(id);
  }
}
