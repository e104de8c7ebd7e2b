import { expect, test } from '@jest/globals';
import { silentLog, type JsonValue, type LogFields } from '@baton/core';
import { logCall } from './log-call.js';

async function warningOf(result: JsonValue): Promise<string> {
  const said: string[] = [];
  const warn = (message: string, _fields?: LogFields) => void said.push(message);
  expect(await logCall({ ...silentLog, warn }, { name: 'find' }, async () => result)).toEqual(result);
  expect(said).toHaveLength(1);
  return said[0]!;
}

test('a failure is told by its code', async () => {
  const result = { error: 'GET https://a.example/private answered 404', code: 'http_failed' };
  expect(await warningOf(result)).toBe('Tool find answered that it failed: http_failed');
});

test('of a failure without a code the log has the beginning, without half of a character', async () => {
  expect(await warningOf({ error: 'No such order' })).toBe('Tool find answered that it failed: No such order');
  const told = await warningOf({ error: `${'x'.repeat(198)}😀${'a body'.repeat(1_000)}` });
  expect(told).toBe(`Tool find answered that it failed: ${'x'.repeat(198)}…`);
});
