import type { JournalEvent } from './journal-event.js';
import type { NodeDefinition, WorkflowDefinition } from './workflow-definition.js';

/** Where the duration of a node is from: its definition, runs of the workflow, or what nodes of its type usually take. */
export type DurationSource = 'declared' | 'measured' | 'assumed';

/** Seconds that nodes took in recent runs, by {@link timedNode}. */
export type MeasuredSeconds = ReadonlyMap<string, number>;

/** What of an event says how long something took. */
export type TimedEvent = Pick<JournalEvent, 'type' | 'nodeId' | 'at'>;

/** A node as its durations are kept: one that is of another type now is another one. */
export function timedNode({ id, type }: Pick<NodeDefinition, 'id' | 'type'>): string {
  return `${type}/${id}`;
}

/**
 * How long nodes take, told by the journals of runs: from the first start of a visit to its end, with its retries and waits, all visits of a run
 * together. Only completed nodes count; of several runs the median.
 */
export class NodeTimes {
  private readonly seconds = new Map<string, number[]>();

  /** Adds a run by its events, in order; a journal may break off anywhere. */
  addRun({ nodes }: Pick<WorkflowDefinition, 'nodes'>, events: Iterable<TimedEvent>): void {
    const keys = new Map(nodes.map((node) => [node.id, timedNode(node)]));
    const startedAt = new Map<string, number>();
    const spent = new Map<string, number>();
    for (const { type, nodeId, at } of events) {
      if (nodeId === null) continue;
      if (type === 'node.started' || type === 'node.dispatched') {
        if (!startedAt.has(nodeId)) startedAt.set(nodeId, at);
      } else if (type === 'node.completed' || type === 'node.repeated') {
        spent.set(nodeId, (spent.get(nodeId) ?? 0) + at - (startedAt.get(nodeId) ?? at));
        startedAt.delete(nodeId);
        if (type === 'node.completed') this.add(keys.get(nodeId), spent.get(nodeId)!);
      }
    }
  }

  medians(): MeasuredSeconds {
    return new Map([...this.seconds].map(([key, seconds]) => [key, median(seconds)]));
  }

  private add(key: string | undefined, ms: number): void {
    if (key === undefined) return;
    const seconds = this.seconds.get(key) ?? [];
    seconds.push(Math.max(0, ms) / 1_000);
    this.seconds.set(key, seconds);
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
