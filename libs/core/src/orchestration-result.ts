import type { JsonObject, JsonValue } from './json.js';
import type { ErrorInfo } from './errors.js';
import type { NodeStatus } from './node-state.js';
import type { RunState } from './run-state.js';
import type { PlanNode } from './plan.js';
import { NO_USAGE, type Usage } from './usage.js';

/** What one agent came to. */
export interface AgentResult {
  readonly nodeId: string;
  /** Its name, or else its role. */
  readonly agent: string;
  readonly tier: string | null;
  readonly status: NodeStatus;
  readonly answer: string | null;
  readonly citations: JsonValue;
  /** Milliseconds that its attempts were in work. */
  readonly workedMs: number;
  readonly usage: Usage;
  readonly error: ErrorInfo | null;
}

/** The results of a run's agents: those who do the work, those who put it together, and the last word. */
export interface OrchestrationResult {
  readonly agentResults: readonly AgentResult[];
  readonly synthesisResults: readonly AgentResult[];
  readonly final: AgentResult | null;
}

/** How far each tier of agents is, in the order in which they first stand in the workflow. */
export interface TierProgress {
  readonly tier: string;
  readonly total: number;
  readonly settled: number;
}

const SETTLED: ReadonlySet<NodeStatus> = new Set(['completed', 'skipped', 'failed']);

/** The agents of a plan; `outputs` of nodes that the journal only refers to are given by the id of the node. */
export function resultOf(state: RunState, outputs: ReadonlyMap<string, JsonValue>): OrchestrationResult {
  const agents = agentNodes(state).map((node) => agentResult(node, state, outputs));
  const isSynthesis = ({ tier }: AgentResult): boolean => tier?.startsWith('synthesis') === true;
  const final = agents.findLast(({ tier }) => tier === 'final') ?? null;
  return {
    agentResults: agents.filter((agent) => agent !== final && !isSynthesis(agent)),
    synthesisResults: agents.filter(isSynthesis),
    final,
  };
}

/** Agents without a tier are left out. */
export function tierProgress(state: RunState): TierProgress[] {
  const tiers = Map.groupBy(
    agentNodes(state).filter((node) => tierOf(node) !== null),
    (node) => tierOf(node)!,
  );
  return [...tiers].map(([tier, nodes]) => {
    const settled = nodes.filter(({ index }) => SETTLED.has(state.nodes[index]!.status)).length;
    return { tier, total: nodes.length, settled };
  });
}

/** The nodes in which an agent works. */
export function agentNodes({ plan }: RunState): readonly PlanNode[] {
  return plan.nodes.filter(({ type }) => type === 'agent' || type === 'handoff');
}

/** Where an agent stands among those of its workflow; null: nowhere in particular. */
export function tierOf({ type, config }: Pick<PlanNode, 'type' | 'config'>): string | null {
  const { tier } = config;
  if (typeof tier === 'string') return tier;
  return type === 'handoff' ? 'handoff' : null;
}

function agentResult(node: PlanNode, state: RunState, outputs: ReadonlyMap<string, JsonValue>): AgentResult {
  const { status, output, workedMs, usage, error } = state.nodes[node.index]!;
  const said = outputs.get(node.id) ?? output;
  const { answer, citations, agent } = isObject(said) ? said : {};
  const name = agent ?? node.config['agent'] ?? node.config['role'];
  return {
    ...{ nodeId: node.id, agent: typeof name === 'string' ? name : node.id, tier: tierOf(node), status },
    answer: typeof answer === 'string' ? answer : null,
    citations: Array.isArray(citations) ? citations : [],
    ...{ workedMs, usage: usage ?? NO_USAGE, error },
  };
}

function isObject(value: JsonValue): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
