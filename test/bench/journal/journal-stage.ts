import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { nodeEvent, RunStore, type EventDraft, type Run } from '@baton/core';
import { Database } from '@baton/storage';
import { claim, submission } from '../../support/run-requests.js';
import { quantile } from '../bench-client.js';
import { difference, ServerCounters, type Counters } from '../counters.js';
import { closeAll, cpuByRole, startServers, type Closer } from '../fresh-servers.js';
import { batonEnvironment } from '../systems/baton-environment.js';
import { openBatonContext } from '../systems/baton-process.js';
import type { StoreKind } from '../systems/index.js';

/** Runs that are in work at once, as many as in W1 and W2. */
const RUNS = 200;
const WARM_UP_MS = 1_000;
const MEASURED_MS = 3_000;

/** What appends of one size came to. */
export interface Reading {
  eventsPerSecond: number;
  eventsPerCommit: number;
  p50Ms: number;
  p99Ms: number;
  /** Of an event, by process: worker, redis, mariadb. */
  cpuUs: Counters;
  /** Of an event; not of SQLite. */
  logBytes: number | null;
}

/** What one run's writer knows of it. */
interface Written {
  run: Run;
  seq: number;
}

/** Fresh servers, and in this process the store and the writer of the journal as a worker has them: each commit also rings for its runs. */
export class JournalStage {
  private readonly closers: Closer[] = [];
  private readonly pids: Record<string, number> = { worker: process.pid };
  private counters!: ServerCounters;
  private runs!: RunStore;

  private constructor() {}

  static async open(store: StoreKind): Promise<JournalStage> {
    const stage = new JournalStage();
    try {
      await stage.start(store);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  private async start(store: StoreKind): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'baton-journal-'));
    this.closers.push(() => rmSync(dir, { recursive: true, force: true }));
    const app = store === 'mariadb' ? await this.openOnServers(dir) : await this.openEmbedded(dir);
    this.closers.push(() => app.close());
    const { flushesAtCommit } = await app.get(Database).facts();
    if (!flushesAtCommit) throw new Error('the database does not flush at each commit');
    this.runs = app.get(RunStore);
  }

  private async openOnServers(dir: string): Promise<INestApplicationContext> {
    const { redis, mariadb, databaseUrl, counters } = await startServers(this.closers);
    Object.assign(this.pids, { redis: redis.child.pid, mariadb: mariadb.child.pid });
    this.counters = counters;
    const address = { dir, databaseUrl, redisUrl: redis.url, apiUrls: [] };
    return openBatonContext('worker', batonEnvironment(address, 'bullmq'));
  }

  private async openEmbedded(dir: string): Promise<INestApplicationContext> {
    this.counters = await ServerCounters.connect(null, null);
    const address = { dir, databaseUrl: `sqlite:${join(dir, 'baton.sqlite')}`, redisUrl: '', apiUrls: [] };
    return openBatonContext('standalone', batonEnvironment(address, 'memory'));
  }

  /** Fresh runs, each claimed once, append so many events at once, again and again, each as soon as its last append is answered. */
  async measure(size: number): Promise<Reading> {
    const written = await Promise.all(Array.from({ length: RUNS }, () => this.claimRun()));
    await this.refuseOldEpoch(written[0]!);
    await this.appendFor(WARM_UP_MS, written, size);
    let commits = 0;
    const stopCounting = this.runs.onCommit(() => (commits += 1));
    const before = { cpu: cpuByRole(this.pids), servers: await this.counters.read() };
    const { times, ms } = await this.appendFor(MEASURED_MS, written, size);
    const cpu = difference(cpuByRole(this.pids), before.cpu);
    const { sql_log_bytes: logBytes } = difference(await this.counters.read(), before.servers);
    stopCounting();
    const events = times.length * size;
    times.sort((a, b) => a - b);
    return {
      ...{ eventsPerSecond: (events / ms) * 1_000, eventsPerCommit: events / commits },
      ...{ p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) },
      cpuUs: Object.fromEntries(Object.entries(cpu).map(([role, spent]) => [role, (spent / events) * 1_000])),
      logBytes: logBytes === undefined ? null : logBytes / events,
    };
  }

  private async claimRun(): Promise<Written> {
    const { runId } = submission();
    await this.runs.submit(submission({ runId }));
    const outcome = await this.runs.claim(claim(runId, { workerId: `worker-${randomUUID()}` }));
    if (outcome.kind !== 'claimed') throw new Error(`not claimed, but ${outcome.kind}`);
    return { run: outcome.run, seq: outcome.run.seq };
  }

  /** The fence stands: whose epoch is over writes nothing. */
  private async refuseOldEpoch({ run, seq }: Written): Promise<void> {
    const { id: runId, epoch } = run;
    const outcome = await this.runs.append({ runId, run, epoch: epoch - 1, baseSeq: seq, events: eventsAfter(seq, 1) });
    if (outcome.kind !== 'fenced') throw new Error(`an old epoch was not refused, but ${outcome.kind}`);
  }

  /** The milliseconds of each append, and of all. */
  private async appendFor(forMs: number, written: readonly Written[], size: number): Promise<{ times: number[]; ms: number }> {
    const times: number[] = [];
    const startedAt = performance.now();
    const lane = async (one: Written): Promise<void> => {
      for (;;) {
        const from = performance.now();
        if (from - startedAt >= forMs) return;
        const { run, seq } = one;
        const request = { runId: run.id, run, epoch: run.epoch, baseSeq: seq, events: eventsAfter(seq, size) };
        const outcome = await this.runs.append(request);
        if (outcome.kind !== 'appended') throw new Error(`not appended, but ${outcome.kind}`);
        one.seq = outcome.seq;
        times.push(performance.now() - from);
      }
    };
    await Promise.all(written.map(lane));
    return { times, ms: performance.now() - startedAt };
  }

  close(): Promise<void> {
    return closeAll(this.closers);
  }
}

/** What steps in a row write: a step ends, and the next one starts. */
function eventsAfter(seq: number, count: number): EventDraft[] {
  return Array.from({ length: count }, (_, index) => {
    const step = (seq + index + 1) >>> 1;
    const subject = { id: `step-${step}`, visit: 1, attempt: 1 };
    const starts = (seq + index) % 2 === 1;
    return starts
      ? nodeEvent('node.started', subject, Date.now(), {})
      : nodeEvent('node.completed', subject, Date.now(), { output: { i: step } });
  });
}
