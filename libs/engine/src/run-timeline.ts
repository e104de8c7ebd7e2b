import {
  BatonError,
  excerpt,
  scopeOf,
  SHOW_REFERENCES,
  TimelineFold,
  type Excerpt,
  type NodeState,
  type PlanNode,
  type Run,
  type RunState,
  type RunStore,
  type TimelineNode,
} from '@baton/core';
import type { RunInspector } from './inspect-run.js';

/** A node's part in its run. */
export interface TimelineEntry {
  readonly node: TimelineNode;
  readonly state: NodeState;
  /** What its handler gets as its input; null where it has not started, or its template cannot be filled. */
  readonly input: Excerpt | null;
}

export interface TimelinePage {
  readonly entries: readonly TimelineEntry[];
  /** The place of the next node; null: these were the last. */
  readonly next: number | null;
}

/** Reads timelines of runs: what happened to each node, and when. */
export class RunTimelines {
  constructor(
    private readonly parts: { runs: Pick<RunStore, 'readJournal'>; inspector: RunInspector },
    private readonly options: { pageSize: number; excerptBytes: number },
  ) {}

  /** `limit` nodes in the order of the definition, from the place `from` on. Costs one pass over the journal. */
  async read(run: Run, from: number, limit: number): Promise<TimelinePage> {
    const { state } = await this.parts.inspector.inspect(run);
    const nodes = state.plan.nodes.slice(from, from + limit);
    const ids = nodes.map(({ id }) => id);
    const fold = new TimelineFold(state.plan, ids, this.options.excerptBytes);
    for (let seq = 0; seq < run.seq;) {
      const page = await this.parts.runs.readJournal(run.id, seq, this.options.pageSize);
      if (page.length === 0) break;
      for (const event of page) fold.add(event);
      seq = page.at(-1)!.seq;
    }
    const entries = nodes.map((node) => this.entryOf(node, fold.nodes.get(node.id)!, state, run));
    return { entries, next: from + limit < state.plan.nodes.length ? from + limit : null };
  }

  /** One node alone. @throws BatonError `not_found`. */
  async readNode(run: Run, nodeId: string): Promise<TimelinePage> {
    const { state } = await this.parts.inspector.inspect(run);
    const index = state.plan.indexById.get(nodeId);
    if (index === undefined) {
      throw new BatonError('not_found', `The run \`${run.id}\` has no node \`${nodeId}\`.`, { run_id: run.id, node_id: nodeId });
    }
    const { entries } = await this.read(run, index, 1);
    return { entries, next: null };
  }

  private entryOf(planned: PlanNode, node: TimelineNode, state: RunState, run: Run): TimelineEntry {
    const started = node.visits.some(({ attempts }) => attempts.length > 0);
    return { node, state: state.nodes[planned.index]!, input: started ? this.inputOf(planned, state, run) : null };
  }

  private inputOf({ input }: PlanNode, state: RunState, run: Run): Excerpt | null {
    try {
      const value = input === null ? run.input : input.evaluate(scopeOf(state, input.nodeIds, SHOW_REFERENCES));
      return excerpt(value, this.options.excerptBytes);
    } catch {
      return null;
    }
  }
}
