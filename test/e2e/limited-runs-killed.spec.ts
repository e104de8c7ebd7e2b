import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '@baton/core';
import { EffectLedger } from '../chaos/effect-ledger.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { call } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { journalViolations, type SeenEvent } from '../support/journal-checks.js';
import { LiveRun } from '../support/live-run.js';

const RUNS = 8;
const ACTIVE_RUNS = 2;

/** Two effects one after the other, in two runs at once. */
const LINE: JsonObject = {
  ...{ name: 'line', limits: { active_runs: ACTIVE_RUNS, on_limit: 'queue' } },
  nodes: ['a', 'b'].map((id, index) => ({ id, type: 'effect', depends_on: index === 0 ? [] : ['a'], config: { delay_ms: 400 } })),
};

type SeenAt = SeenEvent & { at: string; payload: { worker_id?: string } };

let ledger: EffectLedger;
let cluster: Cluster;
let url: string;

beforeAll(async () => {
  ledger = await EffectLedger.open();
  cluster = await startCluster({ apis: 1, workers: 2, env: { EFFECT_SINK_URL: ledger.url } });
  url = cluster.apis[0]!.url;
}, 90_000);
afterAll(async () => {
  await cluster.stop();
  ledger.close();
});

const journalOf = async (run: LiveRun): Promise<SeenAt[]> => (await run.journal()) as SeenAt[];

async function lineAtLimit(): Promise<JsonObject> {
  const { body } = await call(url, 'GET', '/api/v1/workflow-capacity');
  return (body['workflows'] as JsonObject[])[0]!;
}

/** The most runs that were between their first node and their end at one instant. */
function mostAtOnce(journals: readonly SeenAt[][]): number {
  const turns = journals.flatMap((events) => {
    const from = Date.parse(events.find(({ type }) => type === 'node.started')!.at);
    return [
      { at: from, change: 1 },
      { at: Date.parse(events.at(-1)!.at), change: -1 },
    ];
  });
  let [live, most] = [0, 0];
  // An end at the same millisecond comes first: the start came of it.
  for (const { change } of turns.toSorted((left, right) => left.at - right.at || left.change - right.change))
    most = Math.max(most, (live += change));
  return most;
}

/** A worker that has a node in work, killed in the middle of it; the run that it held. */
async function killBusyWorker(runs: readonly LiveRun[]): Promise<LiveRun> {
  const { body } = await call(url, 'GET', '/api/v1/workers');
  const workers = body['items'] as unknown as { id: string; pid: number }[];
  return eventually(async () => {
    for (const run of runs) {
      const events = await journalOf(run);
      if (events.at(-1)!.type !== 'node.started') continue;
      const holder = events.findLast(({ type }) => type === 'run.claimed')!.payload.worker_id;
      const { pid } = workers.find(({ id }) => id === holder)!;
      await cluster.workers.find(({ child }) => child.pid === pid)!.kill();
      return run;
    }
    return null;
  }, 'a worker has a node in work');
}

it('keeps to the limit when a worker is killed while runs wait in line, and leaks no place', async () => {
  expect((await call(url, 'POST', '/api/v1/workflows', LINE)).status).toBe(201);
  const runs: LiveRun[] = [];
  for (let index = 0; index < RUNS; index += 1) runs.push(await LiveRun.start([url], 'line', null));

  const orphan = await killBusyWorker(runs);
  expect((await lineAtLimit())['waiting']).toBeGreaterThan(0);
  for (const run of runs) expect(await run.untilEnded(60_000)).toMatchObject({ status: 'completed' });

  const journals = await Promise.all(runs.map(journalOf));
  expect(runs.flatMap(({ id }, index) => journalViolations(id, journals[index]!))).toEqual([]);
  expect((await journalOf(orphan)).filter(({ type }) => type === 'run.claimed').length).toBeGreaterThan(1);
  expect(mostAtOnce(journals)).toBe(ACTIVE_RUNS);
  const keys = new Set(ledger.effects.map(({ key }) => key));
  expect([...keys].toSorted()).toEqual(runs.flatMap(({ id }) => [`${id}/a/1`, `${id}/b/1`]).toSorted());
  // Only what was in work at the kill may have come twice.
  expect(ledger.effects.length).toBeLessThanOrEqual(keys.size + ACTIVE_RUNS);
  expect(await lineAtLimit()).toEqual({
    ...{ workflow: 'line', limit: ACTIVE_RUNS, used: 0, free: ACTIVE_RUNS, waiting: 0, on_limit: 'queue' },
  });
}, 120_000);
