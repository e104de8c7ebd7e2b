import { expect, test } from '@jest/globals';
import type { RunLimit } from './run-limit.js';
import { explainLine } from './why-limit.js';

const SINCE = Date.UTC(2030, 0, 1);
const LIMIT: RunLimit = { scope: 's', tenantId: 't', kind: 'workflow', name: 'flow', capacity: 2, onLimit: 'queue' };

test.each([
  [0, 2, LIMIT, 'there are 2 of 2 live runs of the workflow flow, and it is the next.'],
  [1, 1, { ...LIMIT, capacity: 1 }, 'there are 1 of 1 live run of the workflow flow, and 1 run stands before it.'],
  [7, 2, { ...LIMIT, kind: 'tenant' as const, name: 'acme' }, 'of the tenant acme, and 7 runs stand before it.'],
])('a run in line with %i before it', (ahead, taken, limit, end) => {
  const why = explainLine({ limit, taken, ahead, since: SINCE }, 1);
  expect(why).toMatchObject({ code: 'at_limit', since: SINCE, limit: 's', others: ahead });
  expect(why.sentence).toMatch(/^The run waits for a place since 2030-01-01T00:00:00.000Z: /);
  expect(why.sentence).toContain(end);
});

test('a run that has just got its place', () => {
  expect(explainLine(null, 1)).toMatchObject({ code: 'dispatching', since: 1 });
});
