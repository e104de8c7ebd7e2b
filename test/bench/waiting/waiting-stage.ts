import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { Redis } from 'ioredis';
import { DEFAULT_TENANT, RunStore, WorkflowDefinitionSchema, WorkflowStore, type RunStatus, type WorkflowRef } from '@baton/core';
import { RunSignaller, RunStarter, RunWatcher } from '@baton/engine';
import { difference, type Counters, type ServerCounters } from '../counters.js';
import { closeAll, cpuByRole, startServers, type Closer } from '../fresh-servers.js';
import { MeasuredProcess } from '../measured-process.js';
import { batonEnvironment } from '../systems/baton-environment.js';
import { openBatonContext } from '../systems/baton-process.js';
import { readDatabaseSize, type DatabaseSize } from './database-size.js';

const WORKER = new URL('../../../apps/worker/src/main.js', import.meta.url).pathname;
const IN_FLIGHT = 300;
/** One is made while another commits. */
const BATCHES_IN_FLIGHT = 2;
const LOOK_MS = 100;
const BOUND_MS = 540_000;
const END_BOUND_MS = 60_000;

/** What the servers hold at one instant. */
export interface Held {
  redisKeys: number;
  redisBytes: number;
  sql: DatabaseSize;
  sqlLogBytes: number;
}

export interface Submitted {
  ids: string[];
  ms: number;
  /** By process: client, redis, mariadb. */
  cpuMs: Counters;
}

/** Fresh servers, the API's use cases in this process, and one worker process, or none yet. */
export class WaitingStage {
  private readonly closers: Closer[] = [];
  private databaseUrl!: string;
  private environment!: Record<string, string>;
  private redis!: Redis;
  private counters!: ServerCounters;
  private app!: INestApplicationContext;
  private pids!: Record<'client' | 'redis' | 'mariadb', number>;

  private constructor() {}

  static async open(): Promise<WaitingStage> {
    const stage = new WaitingStage();
    try {
      await stage.start();
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  private async start(): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'baton-waiting-'));
    this.closers.push(() => rmSync(dir, { recursive: true, force: true }));
    const { redis, mariadb, databaseUrl, counters } = await startServers(this.closers);
    this.databaseUrl = databaseUrl;
    this.counters = counters;
    this.environment = batonEnvironment({ dir, databaseUrl, redisUrl: redis.url, apiUrls: [] }, 'bullmq');
    this.pids = { client: process.pid, redis: redis.child.pid!, mariadb: mariadb.child.pid! };
    this.redis = new Redis(redis.url);
    this.closers.push(() => this.redis.disconnect());
    this.app = await openBatonContext('api', this.environment);
    this.closers.push(() => this.app.close());
  }

  startWorker(): MeasuredProcess {
    const worker = new MeasuredProcess('worker', WORKER, [], this.environment);
    this.closers.push(() => worker.stop());
    return worker;
  }

  publish(name: string, type: string, config: object): Promise<WorkflowRef> {
    const definition = WorkflowDefinitionSchema.parse({ name, nodes: [{ id: type, type, config }] });
    return this.app.get(WorkflowStore).publish(DEFAULT_TENANT, definition, Date.now());
  }

  /** Starts so many runs, some hundreds at once, each as a call of its own. Tells their ids, the milliseconds, and those on a CPU by process. */
  submit(workflow: WorkflowRef, count: number): Promise<Submitted> {
    return this.submitBy({ workflow, count, batch: 1, inFlight: IN_FLIGHT });
  }

  /** Starts so many runs, `batch` by one call, as `POST /api/v1/runs/batch` does. */
  submitInBatches(workflow: WorkflowRef, count: number, batch: number): Promise<Submitted> {
    return this.submitBy({ workflow, count, batch, inFlight: BATCHES_IN_FLIGHT });
  }

  private async submitBy(load: { workflow: WorkflowRef; count: number; batch: number; inFlight: number }): Promise<Submitted> {
    const { workflow, count, batch, inFlight } = load;
    const starter = this.app.get(RunStarter);
    const request = { tenantId: DEFAULT_TENANT, workflow, input: {}, idempotency: null };
    const ids: string[] = [];
    let left = count;
    const lane = async (): Promise<void> => {
      while (left > 0) {
        const length = Math.min(batch, left);
        left -= length;
        const runs = await Promise.all(Array.from({ length }, () => starter.startWorkflowRun(request)));
        for (const { id } of runs) ids.push(id);
      }
    };
    const cpuBefore = cpuByRole(this.pids);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: inFlight }, lane));
    return { ids, ms: performance.now() - startedAt, cpuMs: difference(cpuByRole(this.pids), cpuBefore) };
  }

  /** Waits until so many runs are in a state. Returns the milliseconds. */
  async reach(status: RunStatus, count: number, worker: MeasuredProcess): Promise<number> {
    const runs = this.app.get(RunStore);
    const startedAt = performance.now();
    for (;;) {
      const counts = await Promise.race([runs.countRuns(), worker.failure]);
      const ms = performance.now() - startedAt;
      if ((counts[status] ?? 0) >= count) return ms;
      if (ms > BOUND_MS) throw new Error(`not ${count} runs are ${status}, but: ${JSON.stringify(counts)}`);
      await pause(LOOK_MS);
    }
  }

  /** Sends the event that a run waits for. Returns the milliseconds until this process has learned of its end. */
  async wake(runId: string, event: string): Promise<number> {
    const startedAt = performance.now();
    await this.app.get(RunSignaller).sendEvent(DEFAULT_TENANT, runId, { name: event, payload: null });
    const run = await this.app.get(RunWatcher).waitForEnd(runId, END_BOUND_MS, new AbortController().signal);
    if (run?.status !== 'completed') throw new Error(`run ${runId} was woken, and is ${run?.status ?? 'not there'}`);
    return performance.now() - startedAt;
  }

  async read(): Promise<Held> {
    const memory = await this.redis.info('memory');
    const { sql_log_bytes: sqlLogBytes = 0 } = await this.counters.read();
    return {
      redisKeys: await this.redis.dbsize(),
      redisBytes: Number(/^used_memory:(\d+)/m.exec(memory)?.[1]),
      sql: await readDatabaseSize(this.databaseUrl),
      sqlLogBytes,
    };
  }

  /** The names of what Redis holds. */
  async redisKeys(): Promise<string[]> {
    return (await this.redis.keys('*')).toSorted();
  }

  close(): Promise<void> {
    return closeAll(this.closers);
  }
}
