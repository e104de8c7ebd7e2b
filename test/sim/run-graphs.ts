import { successorRunId, type JournalEvent, type JsonValue, type WorkflowDefinition } from '@baton/core';
import type { NodeSketch, World } from '../support/in-memory/index.js';
import type { SimGraph } from './graph-draft.js';

/** The workflows of a world, and what patches make of them: which graph a run follows. */
export class RunGraphs {
  private readonly published = new Map<string, SimGraph>();
  private readonly patched = new Map<string, SimGraph>();

  constructor(
    private readonly world: World,
    readonly main: SimGraph,
  ) {
    for (const graph of [main, ...main.children]) this.published.set(graph.name, graph);
  }

  /** As the journal says so far. */
  of(runId: string, events: readonly JournalEvent[]): SimGraph {
    const last = events.findLast(({ type }) => type === 'run.patched');
    return this.at(runId, last?.type === 'run.patched' ? last.payload.digest : null);
  }

  /** `digest`: of the last patch that it has taken up; null: it has taken up none. */
  at(runId: string, digest: string | null): SimGraph {
    const { workflow } = this.world.run(runId);
    const base = this.published.get(workflow.name)!;
    const own = digest ?? workflow.digest;
    const definition = this.world.db.definitions.get(own);
    if (definition === undefined) return base;
    const known = this.patched.get(own) ?? withNodesOf(definition, base);
    this.patched.set(own, known);
    return known;
  }
}

/** What is known of a graph beforehand holds for the nodes that are as they were. */
function withNodesOf({ nodes: defined, concurrency }: WorkflowDefinition, base: SimGraph): SimGraph {
  const nodes = Object.fromEntries(defined.map(({ id, ...node }): [string, NodeSketch] => [id, node]));
  const kinds = Object.fromEntries(defined.map(({ id }) => [id, base.kinds[id] ?? 'added by a patch']));
  return { ...base, nodes, kinds, concurrency };
}

/** The run and those in which it goes on. */
export function chainOf(world: World, runId: string): string[] {
  const chain: string[] = [];
  for (let id = runId; world.db.runs.has(id); id = successorRunId(id)) chain.push(id);
  return chain;
}

/** The run from which this one comes, as a child or going on. */
export function rootOf(world: World, runId: string): string {
  let id = runId;
  for (;;) {
    const { parent, continuedFrom } = world.run(id);
    const before = continuedFrom ?? parent?.runId;
    if (before === undefined) return id;
    id = before;
  }
}

export function outputOf(world: World, runId: string): JsonValue {
  const last = world.journal(runId).at(-1);
  return last?.type === 'run.completed' ? last.payload.output : null;
}
