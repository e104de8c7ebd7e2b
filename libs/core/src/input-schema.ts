import { BatonError } from './errors.js';
import type { DefinitionProblem } from './definition-problem.js';
import { compileJsonSchema, type JsonSchema } from './json-schema.js';
import type { JsonValue } from './json.js';
import type { WorkflowDefinition } from './workflow-definition.js';

/** Schemas times values: a third of a second of work at the very worst, in which a process that answers others answers nobody. */
const MAX_WORK = 200_000;

/** What the input of a run must be; null: anything. A schema that cannot be used says nothing: no definition with one is published. */
export function inputSchemaOf({ input_schema: json }: WorkflowDefinition): JsonSchema | null {
  if (json === undefined) return null;
  const compiled = compileJsonSchema(json, { maxWork: MAX_WORK });
  return 'schema' in compiled ? compiled.schema : null;
}

/** A schema that no input can be held against. */
export function inputSchemaProblems({ input_schema: json }: WorkflowDefinition): DefinitionProblem[] {
  if (json === undefined) return [];
  const compiled = compileJsonSchema(json);
  if ('schema' in compiled) return [];
  const remedy = 'Use JSON Schema of draft 2020-12, as docs/workflows.md says.';
  return [{ pointer: '/input_schema', code: 'schema', message: compiled.problem, remedy }];
}

/** Why a run does not start; null: its input fits. */
export function inputRefusal(workflow: string, schema: JsonSchema, input: JsonValue): BatonError | null {
  const problems = schema.problemsOf(input).map(({ pointer, message }) => ({ pointer: `/input${pointer}`, message }));
  if (problems.length === 0) return null;
  const told = problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  const detail = `The input does not fit the \`input_schema\` of workflow \`${workflow}\`: ${told}`;
  return new BatonError('invalid_request', detail, { workflow }, { problems });
}
