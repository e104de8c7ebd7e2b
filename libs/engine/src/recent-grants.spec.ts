import { expect, it } from '@jest/globals';
import { RecentGrants } from './recent-grants.js';

it('forgets the runs that it let go on longest ago, once they are too many', () => {
  const grants = new RecentGrants({ monotonic: () => 0 });
  const add = (runId: string): void => grants.add({ tenantId: 't', runId, nodeId: '$budget', visit: 1, wanted: {} });
  for (const runId of ['first', 'second', 'first']) add(runId);
  for (let n = 2; n < 20_000; n += 1) add(`run-${n}`);
  expect(['first', 'second'].map((runId) => grants.isLeftAlone(runId))).toEqual([true, true]);
  add('last');
  expect(['first', 'second', 'last'].map((runId) => grants.isLeftAlone(runId))).toEqual([true, false, true]);
});
