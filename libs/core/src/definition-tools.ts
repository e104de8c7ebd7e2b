import type { DefinitionProblem } from './definition-problem.js';
import { compileJsonSchema } from './json-schema.js';
import type { JsonObject, JsonValue } from './json.js';
import type { WorkflowDefinition } from './workflow-definition.js';

/** What is known of tools when a definition is validated. */
export interface KnownTools {
  /** Those that live workers have. */
  readonly names: ReadonlySet<string>;
  /** Those that the agents which are kept as data may call, by the agent's name. */
  readonly ofAgents: ReadonlyMap<string, readonly string[]>;
}

/** Tools that agents are to call and no worker has: of their nodes, and of the kept agents that these name. */
export function unknownTools({ nodes }: WorkflowDefinition, known: KnownTools | undefined): DefinitionProblem[] {
  if (known === undefined) return [];
  const remedy = `Start a worker that has it, or use one of ${[...known.names].sort().join(', ')}.`;
  const problem = (pointer: string, message: string): DefinitionProblem => ({ pointer, code: 'unknown_tool', message, remedy });
  const isUnknown = (name: JsonValue): name is string =>
    typeof name === 'string' && !name.includes('${{') && !known.names.has(name);
  return nodes.flatMap(({ type, config: { tools, agent } }, index): DefinitionProblem[] => {
    if (type !== 'agent') return [];
    const own = (Array.isArray(tools) ? tools : []).flatMap((name, place) =>
      isUnknown(name)
        ? [problem(`/nodes/${index}/config/tools/${place}`, `no worker has the tool \`${name}\`: the node will fail`)]
        : [],
    );
    const kept = typeof agent === 'string' ? (known.ofAgents.get(agent) ?? []).filter(isUnknown) : [];
    const ofAgent = kept.map((name) =>
      problem(`/nodes/${index}/config/agent`, `its agent has the tool \`${name}\`, which no worker has: the node will fail`),
    );
    return [...own, ...ofAgent];
  });
}

/** Schemas of answers that no answer can be held against. One with placeholders is read when its node starts. */
export function outputSchemaProblems({ nodes }: WorkflowDefinition): DefinitionProblem[] {
  return nodes.flatMap(({ type, config: { output_schema: schema } }, index): DefinitionProblem[] => {
    if (type !== 'agent' || !isObject(schema) || JSON.stringify(schema).includes('${{')) return [];
    const compiled = compileJsonSchema(schema);
    if ('schema' in compiled) return [];
    const remedy = 'Use JSON Schema of draft 2020-12, as docs/agents.md says.';
    return [{ pointer: `/nodes/${index}/config/output_schema`, code: 'schema', message: compiled.problem, remedy }];
  });
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
