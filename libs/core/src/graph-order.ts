import type { DefinitionProblem } from './definition-problem.js';
import type { NodeDefinition } from './workflow-definition.js';

/** The nodes of a definition with their edges by index, both ways, and in an order in which each comes after what it depends on. */
export interface Graph {
  readonly indexById: ReadonlyMap<string, number>;
  readonly dependsOn: readonly (readonly number[])[];
  readonly dependents: readonly (readonly number[])[];
  /** Without the nodes of cycles and those behind them. */
  readonly order: readonly number[];
}

/** Builds the graph in O(nodes + edges), with everything that is wrong with it. Its edges leave out the dependencies that do not exist. */
export function buildGraph(nodes: readonly Pick<NodeDefinition, 'id' | 'depends_on'>[]): {
  graph: Graph;
  problems: DefinitionProblem[];
} {
  const problems: DefinitionProblem[] = [];
  const indexById = indexNodes(nodes, problems);
  const dependsOn = nodes.map((node, index) => resolveDependencies(node.depends_on, index, indexById, problems));
  const dependents: number[][] = nodes.map(() => []);
  dependsOn.forEach((dependencies, index) => dependencies.forEach((dependency) => dependents[dependency]!.push(index)));
  const order = orderNodes(dependsOn, dependents);
  const graph = { indexById, dependsOn, dependents, order };
  if (order.length < nodes.length) problems.push(...cycleProblems(nodes, graph));
  return { graph, problems };
}

function indexNodes(nodes: readonly { id: string }[], problems: DefinitionProblem[]): Map<string, number> {
  const indexById = new Map<string, number>();
  nodes.forEach(({ id }, index) => {
    const first = indexById.get(id);
    if (first === undefined) indexById.set(id, index);
    else {
      problems.push({
        pointer: `/nodes/${index}/id`,
        code: 'duplicate_id',
        message: `the id \`${id}\` is used twice`,
        remedy: `Give it another id; /nodes/${first} has this one.`,
      });
    }
  });
  return indexById;
}

function resolveDependencies(
  ids: readonly string[],
  index: number,
  indexById: ReadonlyMap<string, number>,
  problems: DefinitionProblem[],
): number[] {
  const resolved = new Set<number>();
  ids.forEach((id, position) => {
    const dependency = indexById.get(id);
    if (dependency !== undefined) resolved.add(dependency);
    else {
      problems.push({
        pointer: `/nodes/${index}/depends_on/${position}`,
        code: 'unknown_dependency',
        message: `no node has the id \`${id}\``,
        remedy: 'Name a node of this workflow, or remove the dependency.',
      });
    }
  });
  return [...resolved];
}

/** Kahn's order: what stands in or behind a cycle is not in it. */
function orderNodes(dependsOn: readonly (readonly number[])[], dependents: readonly (readonly number[])[]): number[] {
  const remaining = Int32Array.from(dependsOn, (dependencies) => dependencies.length);
  const order: number[] = [];
  remaining.forEach((count, index) => {
    if (count === 0) order.push(index);
  });
  for (let at = 0; at < order.length; at += 1) {
    for (const dependent of dependents[order[at]!]!) {
      remaining[dependent]! -= 1;
      if (remaining[dependent] === 0) order.push(dependent);
    }
  }
  return order;
}

/** One problem for each set of nodes that lie on cycles with each other, and one for each node that waits behind them. */
function cycleProblems(nodes: readonly { id: string }[], graph: Graph): DefinitionProblem[] {
  const problems: DefinitionProblem[] = [];
  const onCycle = new Set<number>();
  for (const component of cyclicComponents(graph)) {
    component.forEach((index) => onCycle.add(index));
    const cycle = walkCycle(component, graph);
    const names = [...cycle, cycle[0]!].map((index) => nodes[index]!.id).join(' -> ');
    problems.push({
      pointer: `/nodes/${cycle[0]}/depends_on`,
      code: 'cycle',
      message: `cycle: ${names}`,
      remedy: 'Remove one of these dependencies.',
    });
  }
  const ordered = new Set(graph.order);
  nodes.forEach(({ id }, index) => {
    if (ordered.has(index) || onCycle.has(index)) return;
    const message = `\`${id}\` can never start: it waits for a cycle`;
    problems.push({ pointer: `/nodes/${index}`, code: 'unreachable', message, remedy: 'Mend the cycle that it depends on.' });
  });
  return problems;
}

/** A cycle of a component, in the direction of the work: from any of its nodes back along its dependencies, until one comes again. */
function walkCycle(component: ReadonlySet<number>, { dependsOn }: Graph): number[] {
  const path: number[] = [];
  const position = new Map<number, number>();
  let current = component.values().next().value!;
  while (!position.has(current)) {
    position.set(current, path.length);
    path.push(current);
    current = dependsOn[current]!.find((dependency) => component.has(dependency))!;
  }
  return path.slice(position.get(current)).reverse();
}

/**
 * The strongly connected components that hold a cycle: Tarjan's algorithm without recursion, since a graph may be deeper than the call stack.
 */
function cyclicComponents({ dependsOn, order }: Graph): ReadonlySet<number>[] {
  const settled = new Set(order);
  const number = new Int32Array(dependsOn.length);
  const low = new Int32Array(dependsOn.length);
  const open: number[] = [];
  const isOpen = new Uint8Array(dependsOn.length);
  const found: ReadonlySet<number>[] = [];
  let visited = 0;
  const enter = (index: number): { index: number; next: number } => {
    visited += 1;
    number[index] = low[index] = visited;
    open.push(index);
    isOpen[index] = 1;
    return { index, next: 0 };
  };
  const close = (root: number): void => {
    const component = open.splice(open.lastIndexOf(root));
    for (const index of component) isOpen[index] = 0;
    if (component.length > 1 || dependsOn[root]!.includes(root)) found.push(new Set(component));
  };
  for (let start = 0; start < dependsOn.length; start += 1) {
    if (settled.has(start) || number[start] !== 0) continue;
    const path = [enter(start)];
    for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
      const { index } = frame;
      const dependency = dependsOn[index]![frame.next];
      frame.next += 1;
      if (dependency !== undefined) {
        if (settled.has(dependency)) continue;
        if (number[dependency] === 0) path.push(enter(dependency));
        else if (isOpen[dependency] === 1) low[index] = Math.min(low[index]!, number[dependency]!);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) low[parent.index] = Math.min(low[parent.index]!, low[index]!);
      if (low[index] === number[index]) close(index);
    }
  }
  return found;
}
