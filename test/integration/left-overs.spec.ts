import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SqlRunStore } from '@baton/storage';
import { findLeftOvers } from '../soak/server-sample.js';
import { DatabaseBench, type FreshDatabase } from '../support/databases.js';
import { RedisBench } from '../support/redis-clients.js';
import { accepted } from '../support/run-requests.js';

const redis = new RedisBench();
const bench = new DatabaseBench('mariadb');
let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await bench.fresh();
});
afterAll(() => bench.stop());

test('what a soak has left behind is found: a run that has not ended, and a key that no queue has for good', async () => {
  const connection = await redis.connect('queue');
  const place = { databaseUrl: fresh.url, withRedis: <T>(work: (client: typeof connection) => Promise<T>) => work(connection) };
  await connection.set('{baton}:runs:meta', '1');
  expect(await findLeftOvers(place)).toEqual([]);

  await accepted(new SqlRunStore(await fresh.open()));
  await connection.set('task:t-1:lock', 'worker-1:token');
  expect(await findLeftOvers(place)).toEqual(['1 rows: runs', 'Redis key task:t-1:lock']);
});
