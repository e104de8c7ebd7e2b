import type { DefinitionProblem } from './definition-problem.js';
import type { Graph } from './graph-order.js';
import type { JsonObject } from './json.js';
import type { NodeDefinition, WorkflowDefinition } from './workflow-definition.js';

/** A workflow that a node names as the one of its children. */
export interface ChildReference {
  readonly pointer: string;
  readonly workflow: string;
  readonly version: number | undefined;
}

/** The workflows that a definition names for children, but for those that only a run can tell. */
export function childReferences({ nodes }: WorkflowDefinition): ChildReference[] {
  return childConfigs(nodes).flatMap(({ pointer, config: { workflow, version } }) =>
    typeof workflow !== 'string' || workflow.includes('${{')
      ? []
      : [{ pointer: `${pointer}/workflow`, workflow, version: typeof version === 'number' ? version : undefined }],
  );
}

/** What is wrong with nodes that start runs: a child without a workflow, a run that would go on before it has ended. */
export function childProblems(nodes: readonly NodeDefinition[], graph: Graph): DefinitionProblem[] {
  const unnamed = childConfigs(nodes).filter(({ config: { workflow } }) => typeof workflow !== 'string' || workflow === '');
  const early = nodes.flatMap(({ type }, index) =>
    type === 'continue_as_new' && graph.dependents[index]!.length > 0 ? [index] : [],
  );
  return [
    ...unnamed.map(({ pointer }): DefinitionProblem => ({
      ...{ pointer: `${pointer}/workflow`, code: 'schema', message: 'a child run needs the workflow that it runs' },
      remedy: 'Set `workflow` to the id or name of a workflow.',
    })),
    ...early.map((index): DefinitionProblem => ({
      ...{ pointer: `/nodes/${index}`, code: 'schema', message: 'nothing can depend on what a run does last' },
      remedy: 'Let the nodes after it come before it, or take it out of their `depends_on`.',
    })),
  ];
}

function childConfigs(nodes: readonly NodeDefinition[]): { pointer: string; config: JsonObject }[] {
  return nodes.flatMap(({ type, config }, index) => configsIn(type, config, `/nodes/${index}/config`));
}

function configsIn(type: string, config: JsonObject, pointer: string): { pointer: string; config: JsonObject }[] {
  if (type === 'workflow') return [{ pointer, config }];
  const body = type === 'map' || type === 'loop' ? config['body'] : undefined;
  if (!isObject(body) || typeof body['type'] !== 'string') return [];
  return configsIn(body['type'], isObject(body['config']) ? body['config'] : {}, `${pointer}/body/config`);
}

function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
