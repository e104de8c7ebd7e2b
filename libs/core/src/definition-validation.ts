import type { z } from 'zod';
import { translateAgentDocument } from './agent-document.js';
import { limitProblem, sizeProblems, type Capacity, type DefinitionLimits } from './definition-limits.js';
import type { DefinitionProblem } from './definition-problem.js';
import { expressionProblems } from './definition-references.js';
import {
  capacityProblems,
  estimateResources,
  expectedDuration,
  type EstimatedResources,
  type ExpectedDuration,
} from './definition-resources.js';
import { outputSchemaProblems, unknownTools, type KnownTools } from './definition-tools.js';
import type { Problem } from './errors.js';
import { escapePointer } from './expression-template.js';
import { buildGraph } from './graph-order.js';
import { measureGraph, type GraphShape } from './graph-shape.js';
import { inputSchemaProblems } from './input-schema.js';
import type { JsonObject, JsonValue } from './json.js';
import type { MeasuredSeconds } from './node-times.js';
import { placedTypesIn, withOwnTypes } from './node-bodies.js';
import { nodeTypeProblems } from './node-type-config.js';
import { isOrchestrationPattern, ORCHESTRATION_PATTERNS } from './orchestration-pattern.js';
import { isPatternDocument, type Pattern } from './pattern.js';
import { expandPatternDocument, toParameters } from './pattern-document.js';
import { outputProblems } from './plan.js';
import { issueProblems } from './schema-issue.js';
import { WorkflowDefinitionSchema, type WorkflowDefinition } from './workflow-definition.js';

/** What is wrong with the config of a node of this type, whatever its placeholders will be; pointers lead into the config. */
export type ConfigCheck = (type: string, config: JsonObject) => readonly Problem[];

/** What a definition is held against. */
export interface ValidationContext {
  limits: DefinitionLimits;
  capacity: Capacity;
  /** The agents that are kept as data. */
  agents: ReadonlySet<string>;
  /** The node types that live workers execute; empty: nobody has told. */
  nodeTypes: ReadonlySet<string>;
  /** The pools that live workers serve; absent: nobody has told. */
  pools?: ReadonlySet<string>;
  /** Absent: nobody has told. */
  tools?: KnownTools;
  /** Absent: configs are looked at when their nodes start. */
  checkConfig?: ConfigCheck | undefined;
  /** What nodes took in recent runs; absent: nobody has measured. */
  measured?: MeasuredSeconds;
  /** The patterns that a definition may be made of, by name; absent: none. */
  patterns?: ReadonlyMap<string, Pattern>;
}

/** The graph of a definition in figures, wire names. */
export interface GraphReport {
  nodes: number;
  edges: number;
  depth: number;
  width: number;
  /** Ids, level by level: what could start together. */
  levels: string[][];
  critical_path: string[];
  critical_path_seconds: number;
  /** What each node is expected to take, by its id, and how that is known. */
  durations: Record<string, ExpectedDuration>;
}

/** What validation says of a definition: everything at once. It is valid when it has no errors. */
export interface Validation {
  errors: readonly DefinitionProblem[];
  /** What will run, but perhaps not as meant. */
  warnings: readonly DefinitionProblem[];
  /** The canonical form; null where it has none. */
  definition: WorkflowDefinition | null;
  graph: GraphReport | null;
  resources: EstimatedResources | null;
}

/**
 * Validates a definition, in canonical form or as agents and tasks, bare or under `workflow`. Pointers lead into what is given.
 * Cost: linear in its size.
 */
export function validateDefinition(source: JsonValue, context: ValidationContext): Validation {
  const wrapper = isObject(source) && Object.keys(source).length === 1 && isObject(source['workflow']) ? '/workflow' : '';
  const inner = wrapper === '' ? source : (source as { workflow: JsonObject }).workflow;
  const validation = validateInner(inner, context);
  const move = (problems: readonly DefinitionProblem[]): DefinitionProblem[] =>
    problems.map((problem) => ({ ...problem, pointer: wrapper + problem.pointer }));
  return { ...validation, errors: move(validation.errors), warnings: move(validation.warnings) };
}

function validateInner(source: JsonValue, context: ValidationContext): Validation {
  const tooLarge = sizeProblems(source, context.limits);
  if (tooLarge.length > 0) return failed(tooLarge);
  const pattern = isPatternDocument(source) ? context.patterns?.get(source.orchestration_pattern) : undefined;
  if (pattern !== undefined) return validatePattern(source as JsonObject, pattern, context);
  if (!isObject(source) || !Object.hasOwn(source, 'tasks')) return validateCanonical(source, context);
  const { definition, problems, origins, issues } = translateAgentDocument(source, context);
  if (definition === null) return failed([...issues.flatMap(schemaProblems), ...patternProblems(source, context)]);
  const validation = validateCanonical(definition, context);
  const toOrigin = (problem: DefinitionProblem): DefinitionProblem => ({
    ...problem,
    pointer: problem.pointer
      .replace(/^\/nodes\/(\d+)/, (whole, index) => origins[Number(index)] ?? whole)
      .replace(/\/config\/agent$/, '/agent'),
  });
  return {
    ...validation,
    errors: distinct([...problems, ...validation.errors.map(toOrigin)]),
    warnings: distinct([...validation.warnings.map(toOrigin), ...unusedAgents(source)]),
  };
}

function validatePattern(source: JsonObject, pattern: Pattern, context: ValidationContext): Validation {
  const { definition, problems, issues } = expandPatternDocument(source, pattern);
  if (definition === null) return failed([...issues.flatMap(schemaProblems), ...problems]);
  const validation = validateCanonical(definition, context);
  const move = (problem: DefinitionProblem): DefinitionProblem => toParameters(problem, definition);
  return { ...validation, errors: validation.errors.map(move), warnings: validation.warnings.map(move) };
}

function validateCanonical(source: JsonValue, context: ValidationContext): Validation {
  const parsed = WorkflowDefinitionSchema.safeParse(source);
  if (!parsed.success) return failed([...parsed.error.issues.flatMap(schemaProblems), ...patternProblems(source, context)]);
  const definition = { ...parsed.data, nodes: parsed.data.nodes.map(withOwnTypes) };
  const { graph, problems } = buildGraph(definition.nodes);
  const durations = definition.nodes.map((node) => expectedDuration(node, context.measured));
  const shape = measureGraph(graph, (index) => durations[index]!.seconds);
  const resources = estimateResources(definition, shape);
  const { maxDepth } = context.limits;
  const errors = [
    ...patternProblems(definition, context),
    ...problems,
    ...outputProblems(definition, graph),
    ...expressionProblems(definition.nodes, graph),
    ...nodeTypeProblems(definition.nodes, graph),
    ...missingAgents(definition, context.agents),
    ...outputSchemaProblems(definition),
    ...inputSchemaProblems(definition),
    ...(shape.depth > maxDepth
      ? [limitProblem('/nodes', `${shape.depth} nodes come one after the other; at most ${maxDepth} may`, 'WORKFLOW_MAX_DEPTH')]
      : []),
    ...capacityProblems(resources, context.capacity),
  ];
  const edges = graph.dependsOn.reduce((sum, dependencies) => sum + dependencies.length, 0);
  return {
    errors,
    warnings: [
      ...unknownTypes(definition, context.nodeTypes),
      ...invalidConfigs(definition, context.checkConfig),
      ...unknownPools(definition, context.pools),
      ...unknownTools(definition, context.tools),
    ],
    definition,
    graph: problems.length > 0 ? null : graphReport(definition, edges, shape, durations),
    resources,
  };
}

function failed(errors: readonly DefinitionProblem[]): Validation {
  return { errors, warnings: [], definition: null, graph: null, resources: null };
}

function graphReport(
  { nodes }: WorkflowDefinition,
  edges: number,
  shape: GraphShape,
  durations: readonly ExpectedDuration[],
): GraphReport {
  const levels: string[][] = Array.from({ length: shape.depth }, () => []);
  shape.levels.forEach((level, index) => levels[level - 1]!.push(nodes[index]!.id));
  return {
    ...{ nodes: nodes.length, edges, depth: shape.depth, width: shape.width, levels },
    critical_path: shape.criticalPath.map((index) => nodes[index]!.id),
    critical_path_seconds: shape.criticalSeconds,
    durations: Object.fromEntries(nodes.map(({ id }, index) => [id, durations[index]!])),
  };
}

function schemaProblems(issue: z.core.$ZodIssue): DefinitionProblem[] {
  const remedy = 'See GET /api/v1/schemas/workflow.';
  return issueProblems(issue).map((problem) => ({ ...problem, code: 'schema', remedy }));
}

/** Also of what is wrong otherwise, since an unknown pattern is told with a status of its own. */
function patternProblems(source: JsonValue | WorkflowDefinition, { patterns }: ValidationContext): DefinitionProblem[] {
  const pattern = isObject(source) ? (source as JsonObject)['orchestration_pattern'] : undefined;
  if (typeof pattern !== 'string' || isOrchestrationPattern(pattern) || patterns?.has(pattern) === true) return [];
  return [
    {
      pointer: '/orchestration_pattern',
      code: 'unsupported_pattern',
      message: `the pattern \`${pattern.slice(0, 64)}\` is not supported`,
      remedy: `Use one of ${[...new Set([...ORCHESTRATION_PATTERNS, ...(patterns?.keys() ?? [])])].join(', ')}.`,
    },
  ];
}

/** An agent is there when it is kept as data, or declared by the workflow and told what to do by the node. */
function missingAgents(definition: WorkflowDefinition, kept: ReadonlySet<string>): DefinitionProblem[] {
  const declared = definition.agents ?? {};
  return definition.nodes.flatMap(({ type, config }, index): DefinitionProblem[] => {
    const { agent, instructions } = config;
    if (type !== 'agent' || typeof agent !== 'string' || agent.includes('${{') || kept.has(agent)) return [];
    if (Object.hasOwn(declared, agent) && typeof instructions === 'string') return [];
    return [
      {
        pointer: `/nodes/${index}/config/agent`,
        code: 'missing_agent',
        message: `there is no agent \`${agent}\``,
        remedy: 'Create it with POST /api/v1/agents, or declare it under `agents` and give the node its `instructions`.',
      },
    ];
  });
}

function unknownTypes({ nodes }: WorkflowDefinition, known: ReadonlySet<string>): DefinitionProblem[] {
  if (known.size === 0) return [];
  return nodes.flatMap((node, index) =>
    placedTypesIn(node)
      .filter(({ type }) => !known.has(type))
      .map(({ pointer, type }): DefinitionProblem => {
        const outcome = pointer.startsWith('/compensate') ? 'the node will not be undone' : 'the node will be skipped';
        const message = `no worker executes the type \`${type}\`: ${outcome}`;
        const remedy = `Start a worker that knows it, or use one of ${[...known].sort().join(', ')}.`;
        return { pointer: `/nodes/${index}${pointer}/type`, code: 'unknown_node_type', message, remedy };
      }),
  );
}

/** Only warned of: a worker of another version may take what this process does not know. */
function invalidConfigs({ nodes }: WorkflowDefinition, check: ConfigCheck | undefined): DefinitionProblem[] {
  if (check === undefined) return [];
  return nodes.flatMap((node, index) =>
    placedTypesIn(node).flatMap(({ pointer, type, config }) =>
      check(type, config).map((problem): DefinitionProblem => {
        const outcome = pointer.startsWith('/compensate') ? 'the node cannot be undone' : 'the node will fail';
        return {
          pointer: `/nodes/${index}${pointer}/config${problem.pointer}`,
          code: 'invalid_config',
          message: `${problem.message}: ${outcome}`,
          remedy: `See the config of \`${type}\` in GET /api/v1/schemas/nodes.`,
        };
      }),
    ),
  );
}

function unknownPools({ nodes }: WorkflowDefinition, served: ReadonlySet<string> | undefined): DefinitionProblem[] {
  return nodes.flatMap(({ pool }, index): DefinitionProblem[] => {
    if (served === undefined || pool === undefined || served.has(pool)) return [];
    const message = `no worker serves the pool \`${pool}\`: the node will wait for one`;
    const remedy = `Start a worker with WORKER_POOLS=${pool}, or leave \`pool\` out.`;
    return [{ pointer: `/nodes/${index}/pool`, code: 'unknown_pool', message, remedy }];
  });
}

function unusedAgents(source: JsonObject): DefinitionProblem[] {
  const { agents, tasks } = source as { agents: JsonObject; tasks: { agent: string }[] };
  const used = new Set(tasks.map(({ agent }) => agent));
  return Object.keys(agents)
    .filter((name) => !used.has(name))
    .map((name) => ({
      pointer: `/agents/${escapePointer(name)}`,
      code: 'unused_agent',
      message: `the agent \`${name}\` has no task`,
      remedy: 'Give it one, or remove it.',
    }));
}

/** Nodes of one task have the same problems: one of each is enough. */
function distinct(problems: readonly DefinitionProblem[]): DefinitionProblem[] {
  return [...new Map(problems.map((problem) => [`${problem.pointer} ${problem.message}`, problem])).values()];
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
