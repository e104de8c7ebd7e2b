import type { JsonValue, LogFields, NodeLog } from '@baton/core';
import { wholeCharacters } from './tool-result.js';

/** What a tool answers may come from elsewhere, and be long: of an error without a code the log has no more than this. */
const ERROR_CHARS = 200;

/** Calls a tool, and says in the log of its node what came of it. Within the step of the call: a replay says nothing again. */
export async function logCall(
  log: NodeLog,
  tool: { name: string; fieldsOf?: (result: JsonValue) => LogFields },
  call: () => Promise<JsonValue>,
): Promise<JsonValue> {
  const startedAt = performance.now();
  const result = await call();
  const ms = Math.round(performance.now() - startedAt);
  const problem = problemOf(result);
  if (problem === null) log.info(`Tool ${tool.name} answered`, { ms, ...tool.fieldsOf?.(result) });
  else log.warn(`Tool ${tool.name} answered that it failed: ${problem}`, { ms });
  return result;
}

/** By its code where it has one. Null: it did what it was asked. */
function problemOf(result: JsonValue): string | null {
  if (result === null || typeof result !== 'object' || Array.isArray(result)) return null;
  const { error, code } = result;
  if (typeof error !== 'string') return null;
  const text = typeof code === 'string' ? code : error;
  return text.length <= ERROR_CHARS ? text : `${wholeCharacters(text.slice(0, ERROR_CHARS - 1))}…`;
}
