// `npm run bench:load [-- <loads>]`: how long a run's journal takes to be folded, from its beginning and from a checkpoint.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeEvent, WorkflowDefinitionSchema, type EventDraft, type WorkflowDefinition, type WorkflowStore } from '@baton/core';
import { packState, PlanCache, RunLoader, silentObserver } from '@baton/engine';
import { openDatabase, SqlCheckpointStore, SqlRunStore, type Database } from '@baton/storage';
import { createDatabase } from '../../support/create-database.js';
import { claimedRun } from '../../support/run-requests.js';
import { startMariaDb } from '../../support/services.js';
import { quantile } from '../bench-client.js';
import { describeMachine } from '../machine.js';

interface Shape {
  events: number;
  nodes: number;
}

const SHAPES: Shape[] = [
  { events: 10, nodes: 1 },
  { events: 1_000, nodes: 1 },
  { events: 50_000, nodes: 1 },
  { events: 50_000, nodes: 10_000 },
];
/** Half of what lies between two checkpoints. */
const TAIL = 500;
const OUTPUT = { answer: 'a result of the usual length, which the next node reads', score: 0.5 };

const loads = Number(process.argv[2] ?? 15);

function definitionOf({ nodes }: Shape): WorkflowDefinition {
  const list = Array.from({ length: nodes }, (_, index) => ({ id: `n${index}`, type: 'work' }));
  return WorkflowDefinitionSchema.parse({ name: 'load', nodes: list });
}

/** All that follows the first event: visits of one node, or steps and ends of many. */
function* eventsOf({ events, nodes }: Shape): Generator<EventDraft> {
  const each = Math.floor((events - 1) / nodes);
  for (let n = 0; n < events - 1; n += 1) {
    const index = Math.min(nodes - 1, Math.floor(n / each));
    const subject = { id: `n${index}`, visit: nodes === 1 ? 1 + Math.floor(n / 2) : 1, attempt: 1 };
    const place = nodes === 1 ? n % 2 : n - index * each;
    if (place === 0) yield nodeEvent('node.started', subject, n, {});
    else if (nodes === 1) yield nodeEvent('node.repeated', subject, n, { output: OUTPUT });
    else if (place === each - 1) yield nodeEvent('node.completed', subject, n, { output: OUTPUT });
    else yield nodeEvent('step.completed', subject, n, { key: `s${place}`, output: OUTPUT });
  }
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < loads; n += 1) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return quantile(
    times.toSorted((left, right) => left - right),
    0.5,
  );
}

async function measure(name: string, database: Database, shape: Shape): Promise<string> {
  const runs = new SqlRunStore(database);
  const checkpoints = new SqlCheckpointStore(database);
  const { runId, epoch } = await claimedRun(runs);
  const events = [...eventsOf(shape)];
  for (let from = 0; from < events.length; from += 1_000)
    await runs.append({ runId, epoch, baseSeq: 1 + from, events: events.slice(from, from + 1_000) });
  const definition = definitionOf(shape);
  const plans = new PlanCache({ findByDigest: () => Promise.resolve(definition) } as unknown as WorkflowStore, 1);
  const parts = { runs, checkpoints, plans, observer: silentObserver };
  const loader = new RunLoader(parts, { pageSize: 1_000 });
  const run = (await runs.findRun(runId))!;
  await loader.load(run);
  const without = await medianMs(() => loader.load(run));
  const counts = [shape.events, shape.nodes].map((count) => count.toLocaleString('en'));
  if (shape.events <= TAIL) return `| ${[name, ...counts, without.toFixed(1), '', '', ''].join(' | ')} |`;
  const before = await new RunLoader(parts, { pageSize: TAIL }).load({ ...run, seq: run.seq - TAIL });
  const startedAt = performance.now();
  const state = packState(before);
  const packMs = performance.now() - startedAt;
  await checkpoints.keep({ runId, tenantId: run.tenantId, seq: before.state.seq, state, createdAt: Date.now() });
  const withIt = await medianMs(() => loader.load(run));
  const figures = [without.toFixed(1), withIt.toFixed(1), state.length.toLocaleString('en'), packMs.toFixed(1)];
  await runs.close();
  return `| ${[name, ...counts, ...figures].join(' | ')} |`;
}

const dir = await mkdtemp(join(tmpdir(), 'baton-load-'));
const server = await startMariaDb();
const machine = describeMachine();
const rows: string[] = [];
try {
  const urls = { MariaDB: await createDatabase(server, 'load'), SQLite: `sqlite:${join(dir, 'load.sqlite')}` };
  for (const [name, url] of Object.entries(urls)) {
    const database = await openDatabase({ url });
    await database.migrate();
    for (const shape of SHAPES) rows.push(await measure(name, database, shape));
    await database.close();
  }
} finally {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
}
const { cpu, cores, memoryGiB, filesystem, loadBefore, versions } = machine;
process.stdout.write(
  [
    `Measured ${new Date().toISOString().slice(0, 10)}, median of ${loads} loads: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${filesystem}; load before: ${loadBefore}; node ${versions['node']}, mariadb ${versions['mariadb']}, commit ${versions['commit']}.`,
    '',
    '| database | events | nodes | without, ms | with, ms | checkpoint, bytes | made in, ms |',
    '| --- | --: | --: | --: | --: | --: | --: |',
    ...rows,
    '',
  ].join('\n'),
);
