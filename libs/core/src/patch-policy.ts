import { agentsIn, typesIn } from './node-bodies.js';
import type { DefinitionDiff } from './definition-diff.js';
import type { BudgetLimits } from './budget.js';
import type { PatchProblem } from './json-patch.js';
import type { NodeState } from './node-state.js';
import type { RunState } from './run-state.js';
import type { NodeDefinition, WorkflowDefinition } from './workflow-definition.js';

/** What a run may make of itself, over all its patches together. */
export interface PatchPolicy {
  /** Agents that it may have beside those that it was submitted with; its definition may say `limits.agents_added` itself. */
  maxAgents: number;
  /** Nodes that it may have beside those that it was submitted with. */
  maxNodes: number;
  /** The types that nodes which are added or changed may have; empty: all. */
  nodeTypes: ReadonlySet<string>;
}

/** What of a workflow, besides its nodes, may change while it runs: the rest is what its author and its operator agreed on. */
export const PATCHABLE_FIELDS: ReadonlySet<string> = new Set(['description', 'concurrency', 'output', 'agents']);

/** Whether nothing of a node has begun: only then may it change, or go. */
export function isUntouched({ status, visit, attempt }: NodeState): boolean {
  return visit === 1 && attempt === 0 && (status === 'pending' || status === 'ready');
}

/** Of the nodes that a patch changes or removes, those that it may not: they have started, or have ended. */
export function touchedNodes(state: RunState, { changed, removed }: DefinitionDiff['nodes']): string[] {
  return [...changed, ...removed].filter((id) => {
    const index = state.plan.indexById.get(id);
    return index !== undefined && !isUntouched(state.nodes[index]!);
  });
}

/** What stands against a patch of a run that has failed, or of nodes that have begun. Pointers lead to a changed node in the new definition, to a removed one in the old. */
export function startedProblems(
  state: RunState,
  diff: DefinitionDiff,
  { before, after }: { before: WorkflowDefinition; after: WorkflowDefinition },
): PatchProblem[] {
  if (state.failure !== null) return [RUN_FAILED];
  const removed = new Set(diff.nodes.removed);
  return touchedNodes(state, diff.nodes).map((id): PatchProblem => {
    const { status } = state.nodes[state.plan.indexById.get(id)!]!;
    const nodes = removed.has(id) ? before.nodes : after.nodes;
    return {
      pointer: `/nodes/${nodes.findIndex((node) => node.id === id)}`,
      code: 'node_started',
      message: `the node \`${id}\` is ${status}: it can no longer be ${removed.has(id) ? 'removed' : 'changed'}`,
      remedy: 'Change nodes that have not started, add others, or fork the run from this node.',
    };
  });
}

const RUN_FAILED: PatchProblem = {
  pointer: '',
  code: 'run_failed',
  message: 'the run has failed: it goes on to its end, or is undone',
  remedy: 'Fork the run from the node that failed, with another definition.',
};

/** A patch as the policy sees it. */
interface JudgedPatch {
  /** What the run was submitted with. */
  original: WorkflowDefinition;
  after: WorkflowDefinition;
  diff: DefinitionDiff;
  /** Of the run: it may allow fewer agents. */
  budget?: BudgetLimits;
}

/** What the policy has against a patch. */
export function policyProblems(patch: JudgedPatch, policy: PatchPolicy): PatchProblem[] {
  const { original, after, diff } = patch;
  return [
    ...diff.fields.flatMap(fieldProblem),
    ...typeProblems(after, diff, policy),
    ...countProblems(original, after, policy),
    ...agentProblems(patch, policy),
  ];
}

function fieldProblem(field: string): PatchProblem[] {
  if (PATCHABLE_FIELDS.has(field)) return [];
  const message = `\`${field}\` of a run cannot be changed`;
  const remedy = `Change \`nodes\`, ${[...PATCHABLE_FIELDS].map((name) => `\`${name}\``).join(', ')}; for the rest fork the run.`;
  return [{ pointer: `/${field}`, code: 'not_patchable', message, remedy }];
}

function typeProblems({ nodes }: WorkflowDefinition, { nodes: { added, changed } }: DefinitionDiff, policy: PatchPolicy) {
  if (policy.nodeTypes.size === 0) return [];
  const touched = new Set([...added, ...changed]);
  return nodes.flatMap((node, index): PatchProblem[] => {
    const foreign = touched.has(node.id) ? typesIn(node).filter((type) => !policy.nodeTypes.has(type)) : [];
    return foreign.map((type) => ({
      pointer: `/nodes/${index}`,
      code: 'type_not_allowed',
      message: `a patch may not add or change nodes of type \`${type}\``,
      remedy: `Use one of ${[...policy.nodeTypes].sort().join(', ')}.`,
    }));
  });
}

function countProblems(original: WorkflowDefinition, after: WorkflowDefinition, { maxNodes }: PatchPolicy): PatchProblem[] {
  const known = new Set(original.nodes.map(({ id }) => id));
  const places = [...after.nodes.entries()].filter(([, { id }]) => !known.has(id)).map(([index]) => index);
  if (places.length <= maxNodes) return [];
  const message = `with this patch the run would have added ${places.length} nodes to itself; ${maxNodes} are allowed`;
  const remedy = 'Add fewer nodes, let one node do the work of several, or raise `PATCH_MAX_NODES`.';
  return [{ pointer: `/nodes/${places[maxNodes]}`, code: 'limit_exceeded', message, remedy }];
}

function agentProblems({ original, after, budget }: JudgedPatch, policy: PatchPolicy): PatchProblem[] {
  const allowed = Math.min(original.limits?.agents_added ?? policy.maxAgents, budget?.agents_added ?? Infinity);
  const agents = new Map(original.nodes.map((node) => [node.id, agentsIn(node)]));
  const growth = (node: NodeDefinition): number => Math.max(0, agentsIn(node) - (agents.get(node.id) ?? 0));
  const places = after.nodes.flatMap((node, index) => Array.from({ length: growth(node) }, () => index));
  if (places.length <= allowed) return [];
  const count = (n: number): string => (n === 1 ? '1 agent' : `${n} agents`);
  const message = `with this patch the run would have added ${count(places.length)} to itself; ${allowed} ${allowed === 1 ? 'is' : 'are'} allowed over all its patches`;
  const remedy = 'Add no more agents: do the work yourself, or with those that are there.';
  return [{ pointer: `/nodes/${places[allowed]}`, code: 'limit_exceeded', message, remedy }];
}
