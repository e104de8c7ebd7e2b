import { referencesIn, type BlobRef, type PlanCompensation, type PlanNode, type Run, type RunState } from '@baton/core';

/** `nodes.a`, `nodes.?a`, `nodes["a"]` in the text of a definition, as JSON has it. */
const NAMED = /\bnodes\s*(?:\.\s*\??\s*([A-Za-z_]\w*)|\[\s*\??\s*(?:\\"|')([^"'\\]+))/g;

interface TaskOfNode {
  readonly node: PlanNode;
  readonly work: PlanNode | PlanCompensation;
}

const namedBy = new WeakMap<object, readonly string[]>();

/**
 * The references that an attempt may come upon: in the run's input, in what the nodes before it have given, in its own last output, and in what
 * its expressions name. What a handler names beyond that it is told when it asks.
 */
export function attemptReferences(
  { run, state }: { run: Pick<Run, 'input'>; state: RunState },
  { node, work }: TaskOfNode,
): BlobRef[] {
  const found = referencesIn(run.input);
  const look = (index: number | undefined): void => {
    if (index !== undefined) referencesIn(state.nodes[index]!.output, found);
  };
  look(state.plan.indexById.get(node.id));
  if (work === node) for (const dependency of node.dependsOn) look(dependency);
  for (const id of namesIn(node, work)) look(state.plan.indexById.get(id));
  return found;
}

function namesIn({ definition }: PlanNode, { config }: PlanCompensation): readonly string[] {
  const known = namedBy.get(config);
  if (known !== undefined) return known;
  const text = JSON.stringify([definition.input ?? null, config]);
  const names = [...new Set([...text.matchAll(NAMED)].flatMap(([, dotted, quoted]) => dotted ?? quoted ?? []))];
  namedBy.set(config, names);
  return names;
}
