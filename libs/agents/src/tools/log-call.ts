import type { JsonValue, LogFields, NodeLog } from '@baton/core';

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

/** Null: it did what it was asked. */
function problemOf(result: JsonValue): string | null {
  if (result === null || typeof result !== 'object' || Array.isArray(result)) return null;
  return typeof result['error'] === 'string' ? result['error'] : null;
}
