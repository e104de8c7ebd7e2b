import type { Capacity } from './definition-limits.js';
import type { DefinitionProblem } from './definition-problem.js';
import { widestLevel, type GraphShape } from './graph-shape.js';
import { timedNode, type DurationSource, type MeasuredSeconds } from './node-times.js';
import type { NodeDefinition, WorkflowDefinition } from './workflow-definition.js';

/** What a run of a workflow will need, wire names. */
export interface EstimatedResources {
  agents: { total: number; by_type: Record<string, number> };
  /** Nodes in work at once, at most. */
  max_parallelism: number;
  /** Agents among them. */
  max_parallel_agents: number;
  cpu_cores: number;
  memory_bytes: number;
  /** No run is faster than its critical path, nor than its work divided by its concurrency. */
  estimated_duration_seconds: number;
}

/** What nodes take, by type, where their definition says nothing. */
const USUAL_SECONDS: ReadonlyMap<string, number> = new Map([
  ['agent', 30],
  ['http', 5],
  ['retrieve', 2],
]);
const OTHER_SECONDS = 1;
const NOTHING_MEASURED: MeasuredSeconds = new Map();

/** What a node is expected to take, and how that is known. */
export interface ExpectedDuration {
  seconds: number;
  source: DurationSource;
}

/** What its definition declares; else what it took in recent runs; else what is usual. */
export function expectedDuration(node: NodeDefinition, measured: MeasuredSeconds = NOTHING_MEASURED): ExpectedDuration {
  if (node.estimate !== undefined) return { seconds: node.estimate, source: 'declared' };
  const seconds = measured.get(timedNode(node));
  if (seconds !== undefined) return { seconds, source: 'measured' };
  return { seconds: USUAL_SECONDS.get(node.type) ?? OTHER_SECONDS, source: 'assumed' };
}

/** Seconds that a node is expected to take. */
export function expectedSeconds(node: NodeDefinition): number {
  return expectedDuration(node).seconds;
}

export function estimateResources(definition: WorkflowDefinition, shape: GraphShape): EstimatedResources {
  const { concurrency, nodes } = definition;
  const isAgent = (index: number): boolean => nodes[index]!.type === 'agent';
  const parallelAgents = Math.min(concurrency, widestLevel(shape, isAgent));
  const declared = Object.values(definition.agents ?? {});
  const byType = declared.length > 0 ? countByType(declared) : { ...(parallelAgents > 0 && { agent: parallelAgents }) };
  const sum = (amount: (agent: (typeof declared)[number]) => number): number =>
    declared.reduce((total, agent) => total + agent.count * amount(agent), 0);
  return {
    agents: { total: Object.values(byType).reduce((total, count) => total + count, 0), by_type: byType },
    max_parallelism: Math.min(concurrency, shape.width),
    max_parallel_agents: parallelAgents,
    cpu_cores: sum(({ resources }) => resources.cpu ?? 0),
    memory_bytes: sum(({ resources }) => resources.memory ?? 0),
    estimated_duration_seconds: Math.ceil(Math.max(shape.criticalSeconds, shape.totalSeconds / concurrency)),
  };
}

function countByType(agents: readonly { type: string; count: number }[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { type, count } of agents) counts.set(type, (counts.get(type) ?? 0) + count);
  return Object.fromEntries(counts);
}

/** Where a workflow needs more than there is in all. */
export function capacityProblems(needed: EstimatedResources, capacity: Capacity): DefinitionProblem[] {
  const compared = [
    { what: 'agents', need: needed.agents.total, limit: capacity.agents, setting: 'CAPACITY_AGENTS' },
    { what: 'cores', need: needed.cpu_cores, limit: capacity.cpu, setting: 'CAPACITY_CPU' },
    { what: 'bytes of memory', need: needed.memory_bytes, limit: capacity.memory, setting: 'CAPACITY_MEMORY' },
  ];
  return compared
    .filter(({ need, limit }) => need > limit)
    .map(({ what, need, limit, setting }) => ({
      pointer: '/agents',
      code: 'insufficient_capacity',
      message: `needs ${need} ${what}; there are ${limit} in all`,
      remedy: `Ask for less, or raise \`${setting}\`.`,
    }));
}
