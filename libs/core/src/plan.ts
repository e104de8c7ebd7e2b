import { BatonError, type Problem } from './errors.js';
import { compileExpression, type Expression } from './expression.js';
import { compileTemplate, type Template } from './expression-template.js';
import type { JsonObject } from './json.js';
import type { RetryPolicy } from './retry-policy.js';
import { definitionDigest, type NodeDefinition, type WorkflowDefinition } from './workflow-definition.js';

/** A node of a plan; edges are indexes into {@link Plan.nodes}. */
export interface PlanNode {
  readonly index: number;
  readonly id: string;
  readonly type: string;
  /** As defined, placeholders and all. */
  readonly config: JsonObject;
  /** The config with its placeholders, except what stands under `body`; null: it has none, take `config` itself. */
  readonly configTemplate: Template | null;
  /** False: the node is skipped. */
  readonly when: Expression | null;
  /** What the handler gets as its input; null: the run's. */
  readonly input: Template | null;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number | null;
  readonly onError: 'fail' | 'continue' | 'compensate';
  readonly compensate: PlanCompensation | null;
  readonly pool: string | null;
  /** Items or children of this node at once; null: as many as the run may have. */
  readonly concurrency: number | null;
  readonly dependsOn: readonly number[];
  readonly dependents: readonly number[];
}

/** What undoes a node. */
export interface PlanCompensation {
  readonly type: string;
  readonly config: JsonObject;
  readonly configTemplate: Template | null;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number | null;
}

/** A definition made ready to run: edges by index, both ways. Immutable, shared by all runs of a digest. */
export interface Plan {
  readonly digest: string;
  readonly nodes: readonly PlanNode[];
  readonly indexById: ReadonlyMap<string, number>;
  readonly roots: readonly number[];
  /** The nodes whose output is the run's output. */
  readonly outputs: readonly number[];
  readonly concurrency: number;
  /** How long a run may take, parked time not counted; null: as configured. */
  readonly timeoutMs: number | null;
}

/**
 * Compiles a definition in O(nodes + edges).
 * @throws BatonError `workflow_invalid` with every problem at once: doubled ids, unknown dependencies, the nodes of a cycle.
 */
export function compilePlan(definition: WorkflowDefinition, digest: string = definitionDigest(definition)): Plan {
  const problems: Problem[] = [];
  const indexById = indexNodes(definition, problems);
  const dependsOn = resolveDependencies(definition, indexById, problems);
  const dependents: number[][] = definition.nodes.map(() => []);
  dependsOn.forEach((dependencies, index) => dependencies.forEach((dependency) => dependents[dependency]!.push(index)));
  const cycle = findCycle(dependsOn, dependents);
  if (cycle.length > 0) {
    const names = [...cycle, cycle[0]!].map((index) => definition.nodes[index]!.id).join(' -> ');
    problems.push({ pointer: `/nodes/${cycle[0]}/depends_on`, message: `cycle: ${names}; remove one of these dependencies` });
  }
  if (definition.output !== undefined && !indexById.has(definition.output)) {
    problems.push({ pointer: '/output', message: `no node has the id \`${definition.output}\`` });
  }
  if (problems.length > 0) {
    throw new BatonError(
      'workflow_invalid',
      `${problems.length} problem(s) in workflow \`${definition.name}\``,
      {},
      { problems },
    );
  }
  const nodes = definition.nodes.map((node, index) => ({
    index,
    ...planNode(node),
    dependsOn: dependsOn[index]!,
    dependents: dependents[index]!,
  }));
  const sinks = nodes.filter((node) => node.dependents.length === 0).map((node) => node.index);
  return {
    digest,
    nodes,
    indexById,
    roots: nodes.filter((node) => node.dependsOn.length === 0).map((node) => node.index),
    outputs: definition.output === undefined ? sinks : [indexById.get(definition.output)!],
    concurrency: definition.concurrency,
    timeoutMs: toMs(definition.timeout),
  };
}

function planNode(node: NodeDefinition): Omit<PlanNode, 'index' | 'dependsOn' | 'dependents'> {
  return {
    id: node.id,
    ...planWork(node),
    when: node.when === undefined ? null : compileExpression(node.when),
    input: node.input === undefined ? null : compileTemplate(node.input),
    onError: node.on_error ?? 'fail',
    compensate: node.compensate === undefined ? null : planWork(node.compensate),
    pool: node.pool ?? null,
    concurrency: node.concurrency ?? null,
  };
}

function planWork({ type, config, retry, timeout }: NonNullable<NodeDefinition['compensate']>): PlanCompensation {
  const configTemplate = compileTemplate(config, { verbatim: ['body'] });
  return {
    type,
    config,
    configTemplate: configTemplate.isConstant ? null : configTemplate,
    retry,
    timeoutMs: toMs(timeout),
  };
}

function toMs(seconds: number | undefined): number | null {
  return seconds === undefined ? null : seconds * 1_000;
}

function indexNodes(definition: WorkflowDefinition, problems: Problem[]): Map<string, number> {
  const indexById = new Map<string, number>();
  definition.nodes.forEach((node, index) => {
    if (indexById.has(node.id)) problems.push({ pointer: `/nodes/${index}/id`, message: `the id \`${node.id}\` is used twice` });
    else indexById.set(node.id, index);
  });
  return indexById;
}

function resolveDependencies(definition: WorkflowDefinition, indexById: Map<string, number>, problems: Problem[]): number[][] {
  return definition.nodes.map((node, index) => {
    const resolved = new Set<number>();
    node.depends_on.forEach((id, position) => {
      const dependency = indexById.get(id);
      if (dependency !== undefined) resolved.add(dependency);
      else problems.push({ pointer: `/nodes/${index}/depends_on/${position}`, message: `no node has the id \`${id}\`` });
    });
    return [...resolved];
  });
}

/** Kahn's order; what it cannot reach holds a cycle, which is then walked backwards. Empty when there is none. */
function findCycle(dependsOn: readonly number[][], dependents: readonly number[][]): number[] {
  const remaining = dependsOn.map((dependencies) => dependencies.length);
  const order = remaining.flatMap((count, index) => (count === 0 ? [index] : []));
  for (let at = 0; at < order.length; at += 1) {
    for (const dependent of dependents[order[at]!]!) {
      remaining[dependent]! -= 1;
      if (remaining[dependent] === 0) order.push(dependent);
    }
  }
  if (order.length === dependsOn.length) return [];
  const path: number[] = [];
  const position = new Map<number, number>();
  let current = remaining.findIndex((count) => count > 0);
  while (!position.has(current)) {
    position.set(current, path.length);
    path.push(current);
    current = dependsOn[current]!.find((dependency) => remaining[dependency]! > 0)!;
  }
  return path.slice(position.get(current)).reverse();
}
