// `npm run bench -- --workload analytics [--runs 1000000] [--store sqlite]`: what analytics, statuses and lists take beside many ended runs.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RUN_STATUSES, SystemClock, type RunQuery } from '@baton/core';
import { RunCounter, silentObserver } from '@baton/engine';
import { openDatabase, SqlRunStore, SqlRunTally, SqlStatisticsStore, SqlWorkflowStore, type Database } from '@baton/storage';
import { RunAnalytics } from '../../../apps/api/src/run-analytics.js';
import { createDatabase } from '../../support/create-database.js';
import { startMariaDb } from '../../support/services.js';
import { describeMachine, machineLine } from '../machine.js';
import { fillRuns, PERIOD_MS, runId, WORKFLOWS } from './fill-runs.js';

const ASKED = 20;
const BATCH = 1_000;

const { values } = parseArgs({
  options: { workload: { type: 'string' }, runs: { type: 'string', default: '1000000' }, store: { type: 'string' } },
});
const wanted = Number(values.runs);
const clock = new SystemClock();
/** Of the database's server. */
let serverPid: number | null = null;

async function main(): Promise<void> {
  process.stdout.write(
    `${machineLine(describeMachine())}\n\n| database | question, ${wanted} runs | p50, ms | p95, ms | CPU, ms |\n| --- | --- | --: | --: | --: |\n`,
  );
  for (const store of ['mariadb', 'sqlite']) if (values.store === undefined || values.store === store) await measure(store);
}

async function measure(store: string): Promise<void> {
  const server = store === 'mariadb' ? await startMariaDb({ args: ['--innodb-buffer-pool-size=2G'] }) : null;
  const dir = mkdtempSync(join(tmpdir(), 'baton-analytics-'));
  serverPid = server?.child.pid ?? null;
  try {
    const url = server === null ? `sqlite:${join(dir, 'baton.sqlite')}` : await createDatabase(server);
    const database = await openDatabase({ url, statementTimeoutMs: 600_000, boundMs: 600_000 });
    await database.migrate();
    const until = clock.now() - 120_000;
    await fillRuns(database, wanted, until);
    await countAll(store, database);
    await ask(store, database, until);
    await database.close();
  } finally {
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function countAll(store: string, database: Database): Promise<void> {
  const parts = { tally: new SqlRunTally(database), clock, observer: silentObserver, random: Math.random };
  const counter = new RunCounter(parts, { intervalMs: 1_000, batch: BATCH });
  const begun = performance.now();
  let counted = 0;
  for (let last = -1; last !== 0; counted += last) ({ runs: last } = await counter.runOnce());
  const perSecond = Math.round(counted / ((performance.now() - begun) / 1_000));
  process.stdout.write(`| ${store} | ${counted} runs counted, ${perSecond} a second | | | |\n`);
}

async function ask(store: string, database: Database, until: number): Promise<void> {
  const analytics = new RunAnalytics(new SqlStatisticsStore(database), new SqlWorkflowStore(database), clock);
  const runs = new SqlRunStore(database);
  const someRun = (): string => runId(Math.floor(Math.random() * wanted));
  const somewhere = (): RunQuery['before'] => ({ createdAt: until - Math.floor(Math.random() * PERIOD_MS), runId: 'run-5' });
  const page = (query: Partial<RunQuery>) => () =>
    runs.listRuns({ tenantId: 'default', limit: 51, before: somewhere()!, ...query });
  const one = { workflow: 'wf-3' };
  await time(store, 'summary, 30 days', () => analytics.summary('default', { interval: 'day' }));
  await time(store, 'summary, 30 days, one workflow', () => analytics.summary('default', { interval: 'day', ...one }));
  await time(store, 'summary, 72 hours', () =>
    analytics.summary('default', { interval: 'hour', from: new Date(clock.now() - 71 * 3_600_000).toISOString() }),
  );
  await time(store, 'workflows, 30 days', () => analytics.workflows('default', { interval: 'day', limit: 50 }));
  await time(store, 'costs, 30 days', () => analytics.costs('default', { interval: 'day', limit: 50 }));
  await time(store, 'status of a run: row, inbox, journal', async () => {
    const id = someRun();
    await runs.findRun(id);
    await runs.readSignals([id]);
    await runs.readJournal(id, 0, 1_000);
  });
  await time(store, 'a page of runs', page({}));
  for (const status of RUN_STATUSES.filter((each) => each === 'completed' || each === 'failed' || each === 'running'))
    await time(store, `a page of runs: ${status}`, page({ status }));
  await time(store, 'a page of runs: a workflow', page({ workflowId: `wf-${WORKFLOWS - 1}` }));
  await time(store, 'a page of runs: failed, of a workflow without any', page({ workflowId: 'wf-1', status: 'failed' }));
  await time(store, 'a page of runs: a workflow without any', page({ workflowId: 'none' }));
  await time(store, 'a page of runs: failed, of no workflow', page({ workflowId: 'none', status: 'failed' }));
  await runs.close();
}

async function time(store: string, what: string, work: () => Promise<unknown>): Promise<void> {
  const took: number[] = [];
  const cpuBefore = cpuMs();
  for (let n = 0; n < ASKED; n += 1) {
    const begun = performance.now();
    await work();
    took.push(performance.now() - begun);
  }
  const cpu = ((cpuMs() - cpuBefore) / ASKED).toFixed(1);
  const sorted = took.toSorted((left, right) => left - right);
  const at = (part: number): string => sorted[Math.floor(part * ASKED)]!.toFixed(1);
  process.stdout.write(`| ${store} | ${what} | ${at(0.5)} | ${at(0.95)} | ${cpu} |\n`);
}

/** CPU that this process and the server have used: what a question costs also where others keep the cores busy. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000 + (serverPid === null ? 0 : serverCpuMs(serverPid));
}

/** Ticks are hundredths of a second. */
function serverCpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

await main();
