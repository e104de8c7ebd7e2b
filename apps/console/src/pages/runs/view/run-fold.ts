import type { RunEvent } from '../../../live/protocol.js';
import { foldNode } from './fold-node.js';
import type { Failure, KeptNode, KnownEvent, KnownNodeEvent, StepUsage } from './known-event.js';
import { addUsage, endedLast, freshView, isSettled, NO_USAGE, readUsage, type NodeView, type UsageView } from './node-view.js';

/** As much of a node's definition as a view needs. */
export interface PlannedNode {
  readonly id: string;
  readonly type: string;
  readonly depends_on?: readonly string[];
  readonly on_error?: string;
}

/** What the journal says of a run, up to `seq`. Another object whenever it grows. */
export interface RunView {
  readonly seq: number;
  readonly status: string;
  readonly hasEnded: boolean;
  /** In the order of the definition. */
  readonly nodes: readonly NodeView[];
  readonly usage: UsageView;
  readonly usageByModel: ReadonlyMap<string, UsageView>;
  readonly revision: number;
  readonly error: Failure | null;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
}

const ENDS: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled']);

/**
 * Folds a journal into a view, event by event. It says of each node what the engine says of it: the rules are those of `reduce` in the core. Nodes that
 * the definition does not have, since a patch removed them, are left out.
 */
export class RunFold {
  private readonly nodes = new Map<string, NodeView>();
  private readonly dependents = new Map<string, string[]>();
  private readonly remaining = new Map<string, number>();
  private readonly survivesFailure: ReadonlySet<string>;
  /** In work by a worker that holds the run: lost with it. */
  private readonly running = new Set<string>();
  private readonly usageByModel = new Map<string, UsageView>();
  private usage = NO_USAGE;
  private seq = 0;
  private status = 'queued';
  private hasEnded = false;
  private isPaused = false;
  private isUndoing = false;
  private revision = 0;
  private error: Failure | null = null;
  private firstAt: number | null = null;
  private lastAt: number | null = null;

  constructor(plan: readonly PlannedNode[]) {
    for (const { id, type, depends_on: after = [] } of plan) {
      this.nodes.set(id, freshView(id, type, after));
      this.remaining.set(id, after.length);
      for (const dependency of after) this.dependents.set(dependency, [...(this.dependents.get(dependency) ?? []), id]);
    }
    this.survivesFailure = new Set(plan.filter(({ on_error: onError }) => onError === 'continue').map(({ id }) => id));
  }

  /** Applies those of the events that come after what is known. */
  take(events: readonly RunEvent[]): void {
    let start = events.length;
    while (start > 0 && events[start - 1]!.seq > this.seq) start -= 1;
    for (const event of events.slice(start)) this.add(event);
  }

  view(): RunView {
    const { seq, status, hasEnded, usage, revision, error, firstAt, lastAt } = this;
    const usageByModel = new Map(this.usageByModel);
    return { seq, status, hasEnded, nodes: [...this.nodes.values()], usage, usageByModel, revision, error, firstAt, lastAt };
  }

  private add(event: RunEvent): void {
    const known = event as KnownEvent;
    this.seq = event.seq;
    this.lastAt = Date.parse(event.at);
    this.firstAt ??= this.lastAt;
    if (ENDS.has(event.type)) this.hasEnded = true;
    if (known.node_id === null) this.addToRun(known);
    else this.addToNode(known as KnownNodeEvent);
  }

  private addToRun(event: KnownEvent): void {
    switch (event.type) {
      case 'run.submitted':
        for (const kept of event.payload.snapshot ?? []) this.keep(kept, Date.parse(event.at));
        for (const [id, count] of this.remaining) if (count === 0) this.makeReady(id);
        break;
      case 'run.claimed':
        this.status = this.isUndoing ? 'compensating' : this.isPaused ? 'paused' : 'running';
        this.loseAttempts(Date.parse(event.at));
        break;
      case 'run.waiting':
        this.status = 'waiting';
        break;
      case 'run.paused':
        this.isPaused = true;
        this.status = 'paused';
        break;
      case 'run.resumed':
        this.isPaused = false;
        this.status = 'running';
        break;
      case 'run.patched':
        this.revision = event.payload.revision;
        break;
      case 'run.compensating':
        this.isUndoing = true;
        this.status = 'compensating';
        break;
      case 'run.completed':
      case 'run.cancelled':
        this.status = event.type === 'run.completed' ? 'completed' : 'cancelled';
        this.stopAttempts(Date.parse(event.at));
        break;
      case 'run.failed':
        this.status = 'failed';
        this.error = event.payload.error;
        this.stopAttempts(Date.parse(event.at));
        break;
    }
  }

  private addToNode(event: KnownNodeEvent): void {
    const { node_id: id } = event;
    if (event.type === 'step.completed' && event.payload.usage !== undefined) this.count(id, event.payload.usage);
    const before = this.nodes.get(id);
    if (before === undefined) return;
    const after = foldNode(before, event, this.isUndoing);
    if (after === before) return;
    this.nodes.set(id, after);
    if (this.isUndoing) return;
    if (after.status === 'running') this.running.add(id);
    else this.running.delete(id);
    if (isSettled(after) && !isSettled(before)) this.settle(after);
  }

  /** A failure that the run does not survive holds back what comes after the node. */
  private settle({ id, status }: NodeView): void {
    if (status === 'failed' && !this.survivesFailure.has(id)) return;
    this.release(id);
  }

  private release(id: string): void {
    for (const dependent of this.dependents.get(id) ?? []) {
      const left = this.remaining.get(dependent)! - 1;
      this.remaining.set(dependent, left);
      if (left === 0) this.makeReady(dependent);
    }
  }

  private makeReady(id: string): void {
    const node = this.nodes.get(id)!;
    if (!isSettled(node)) this.nodes.set(id, { ...node, status: 'ready' });
  }

  /** A node that a fork has taken over as it was. */
  private keep({ id, status, visit, output, error }: KeptNode, at: number): void {
    const node = this.nodes.get(id);
    if (node === undefined) return;
    this.nodes.set(id, { ...node, status, visit, output, error: error ?? null, isKept: true, endedAt: at });
    this.release(id);
  }

  /** Whoever takes the run over knows nothing of attempts that had no end, except of those that others make in a pool. */
  private loseAttempts(at: number): void {
    for (const id of this.running) this.nodes.set(id, { ...this.nodes.get(id)!, status: 'ready' });
    this.running.clear();
    this.endAttempts(at, 'lost', false);
  }

  private stopAttempts(at: number): void {
    this.endAttempts(at, 'interrupted', true);
  }

  private endAttempts(at: number, outcome: 'lost' | 'interrupted', inPools: boolean): void {
    for (const [id, node] of this.nodes) {
      const last = node.attempts.at(-1);
      const attempts =
        last !== undefined && (inPools || last.pool === null) ? endedLast(node.attempts, at, outcome) : node.attempts;
      const undoing = endedLast(node.undoing, at, outcome);
      if (attempts !== node.attempts || undoing !== node.undoing) this.nodes.set(id, { ...node, attempts, undoing });
    }
  }

  /** What is journaled was paid, whatever becomes of its node. */
  private count(id: string, usage: StepUsage): void {
    const used = readUsage(usage);
    this.usage = addUsage(this.usage, used);
    this.usageByModel.set(usage.model, addUsage(this.usageByModel.get(usage.model) ?? null, used));
    const node = this.nodes.get(id);
    if (node !== undefined) this.nodes.set(id, { ...node, usage: addUsage(node.usage, used) });
  }
}
