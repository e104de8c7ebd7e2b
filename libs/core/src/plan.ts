import { definitionError, type DefinitionProblem } from './definition-problem.js';
import { compileExpression, type Expression } from './expression.js';
import { compileTemplate, type Template } from './expression-template.js';
import type { Budget } from './budget.js';
import type { CircuitPolicy } from './circuit.js';
import { buildGraph, type Graph } from './graph-order.js';
import type { JsonObject } from './json.js';
import type { RetryPolicy } from './retry-policy.js';
import { definitionDigest, type NodeDefinition, type WorkflowDefinition } from './workflow-definition.js';

/** A node of a plan; edges are indexes into {@link Plan.nodes}. */
export interface PlanNode {
  readonly index: number;
  readonly id: string;
  /** What it was compiled from. */
  readonly definition: NodeDefinition;
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
  /** Of all attempts of a visit together. */
  readonly totalTimeoutMs: number | null;
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
  /** Visits of one node in one run; null: as usual. */
  readonly maxVisits: number | null;
  /** What a run may use up; null: as configured. */
  readonly budget: Budget | null;
  /** When calls to a target stop for a while; what it leaves out as configured. */
  readonly circuit: Partial<CircuitPolicy>;
}

/**
 * Compiles a definition in O(nodes + edges).
 * @throws BatonError `workflow_invalid` with every problem at once: doubled ids, unknown dependencies, the nodes of a cycle.
 */
export function compilePlan(definition: WorkflowDefinition, digest: string = definitionDigest(definition)): Plan {
  const { graph, problems } = buildGraph(definition.nodes);
  problems.push(...outputProblems(definition, graph));
  if (problems.length > 0) throw definitionError(definition.name, problems);
  const { indexById, dependsOn, dependents } = graph;
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
    maxVisits: definition.limits?.visits ?? null,
    budget: definition.budget ?? null,
    circuit: circuitPolicy(definition),
  };
}

function planNode(node: NodeDefinition): Omit<PlanNode, 'index' | 'dependsOn' | 'dependents'> {
  return {
    id: node.id,
    definition: node,
    ...planWork(node),
    when: node.when === undefined ? null : compileExpression(node.when),
    input: node.input === undefined ? null : compileTemplate(node.input),
    totalTimeoutMs: toMs(node.total_timeout),
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

function circuitPolicy({ circuit_breaker: own }: WorkflowDefinition): Partial<CircuitPolicy> {
  const { failure_threshold: failureThreshold, timeout } = own ?? {};
  return {
    ...(failureThreshold !== undefined && { failureThreshold }),
    ...(timeout !== undefined && { openMs: toMs(timeout)! }),
  };
}

/** Whole milliseconds, and one at least: instants in the journal and in SQL are whole. */
function toMs(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.ceil(seconds * 1_000);
}

/** An output that no node has. */
export function outputProblems({ output }: WorkflowDefinition, { indexById }: Graph): DefinitionProblem[] {
  if (output === undefined || indexById.has(output)) return [];
  const message = `no node has the id \`${output}\``;
  return [
    { pointer: '/output', code: 'unknown_output', message, remedy: 'Name a node of this workflow, or leave `output` out.' },
  ];
}
