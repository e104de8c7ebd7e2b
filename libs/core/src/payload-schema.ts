import type { Problem } from './errors.js';
import { compileJsonSchema } from './json-schema.js';
import type { JsonObject, JsonValue } from './json.js';

/** Why a JSON Schema cannot be held to; null: it can. */
export function schemaProblem(schema: JsonObject): string | null {
  const compiled = compileJsonSchema(schema);
  return 'problem' in compiled ? compiled.problem : null;
}

/** What a payload has that its JSON Schema does not allow, by JSON pointer; with a schema that cannot be held to, that. */
export function schemaProblems(schema: JsonObject, payload: JsonValue): Problem[] {
  const compiled = compileJsonSchema(schema);
  if ('problem' in compiled) return [{ pointer: '/payload', message: `cannot be checked by its schema: ${compiled.problem}` }];
  return compiled.schema.problemsOf(payload).map(({ pointer, message }) => ({ pointer: `/payload${pointer}`, message }));
}
