import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { SystemClock } from '@baton/core';
import { FileObjectStore, ObjectBlobStore, openDatabase, SqlWorkflowStore } from '@baton/storage';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import type { ArmedFaultPoint, JsonObject } from '@baton/core';
import { createDatabase } from '../support/create-database.js';
import { startBaton, type BatonProcess } from '../support/processes.js';
import { freePort } from '../support/services.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import type { Chance } from './chance.js';
import { EffectLedger } from './effect-ledger.js';
import { POOL, WORKFLOWS } from './load-kinds.js';
import type { Servers } from './servers.js';

export interface StageOptions {
  apis: number;
  workers: number;
  /** Workers that serve the load's pool and advance no runs. Where there are any, the first of the workers serves it as well. */
  poolWorkers: number;
  /** Links that lead through a proxy. */
  proxied: readonly ('redis' | 'sql')[];
  env: Record<string, string>;
  /** Each process believes to be on a host of its own, and so cannot look after the others' processes; needs root. */
  ownHosts?: boolean;
  /** Workers have a page for their figures, at {@link figuresUrl}. */
  figures?: boolean;
}

/** A place for one process: what is killed there is replaced there. */
export interface Slot {
  readonly app: 'api' | 'worker';
  readonly env: Record<string, string>;
  process: BatonProcess | null;
}

/** Where the process in a slot tells its figures; null: nowhere. */
export function figuresUrl({ process, env }: Slot): string | null {
  if (process === null) return null;
  const port = env['WORKER_PORT'];
  return port === undefined ? process.url || null : `http://127.0.0.1:${port}`;
}

/** APIs and workers as processes of the built tree over the shared servers, with a schema and a ledger of their own. */
export class Stage {
  readonly slots: Slot[] = [];
  /** Every process that ever ran, for its log. */
  readonly processes: BatonProcess[] = [];
  redisProxy: TcpProxy | null = null;
  sqlProxy: TcpProxy | null = null;
  private env: Record<string, string> = {};
  private started = 0;
  /** By pid. */
  private readonly endedAt = new Map<number, number>();
  private readonly dataDir = mkdtempSync(join(tmpdir(), 'baton-chaos-'));

  private constructor(
    readonly servers: Servers,
    readonly ledger: EffectLedger,
    readonly databaseUrl: string,
    private readonly options: StageOptions,
  ) {}

  /** Servers, schema and workflows are there; no process of Baton runs yet. */
  static async open(servers: Servers, name: string, options: StageOptions, chance: Chance): Promise<Stage> {
    await servers.mend();
    await emptyRedis(servers.redis.url);
    const database = `chaos_${name.replaceAll(/\W/g, '_')}_${Date.now().toString(36)}`;
    const url = await createDatabase(servers.mariadb, database);
    const stage = new Stage(servers, await EffectLedger.open(), url, options);
    try {
      await stage.prepare(chance);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  get apis(): Slot[] {
    return this.slots.filter(({ app }) => app === 'api');
  }

  /** Those that advance runs. */
  get workers(): Slot[] {
    return this.slots.filter(({ app, env }) => app === 'worker' && env['WORKER_RUNS'] !== 'false');
  }

  /** Those that serve a pool and nothing else. */
  get poolWorkers(): Slot[] {
    return this.slots.filter(({ env }) => env['WORKER_RUNS'] === 'false');
  }

  /** Of the APIs that run. */
  get apiUrls(): string[] {
    return this.apis.flatMap(({ process }) => (process === null ? [] : [process.url]));
  }

  async startAll(): Promise<void> {
    await Promise.all(this.slots.map((slot) => this.start(slot)));
  }

  /** Starts a process in an empty slot, with fault points armed if any are named. */
  async start(slot: Slot, faultPoints: readonly ArmedFaultPoint[] = []): Promise<void> {
    const armed = faultPoints
      .map(({ point, pass, fault }) => (fault === 'stop' ? `${point}:${pass}:stop` : `${point}:${pass}`))
      .join(',');
    const env = { ...this.env, ...slot.env, ...(armed !== '' && { FAULT_POINTS: armed }) };
    const host = this.options.ownHosts === true ? { host: `host-${this.processes.length + 1}` } : {};
    const started = await startBaton(slot.app, env, host);
    this.processes.push(started);
    started.child.once('exit', () => this.endedAt.set(started.child.pid!, Date.now()));
    slot.process = started;
    started.child.once('exit', () => {
      if (slot.process === started) slot.process = null;
    });
  }

  async kill(slot: Slot): Promise<void> {
    const { process } = slot;
    slot.process = null;
    await process?.kill();
  }

  /** SIGTERM, and the exit code. */
  async terminate(slot: Slot): Promise<number | null> {
    const { process } = slot;
    slot.process = null;
    return process === null ? null : process.terminate();
  }

  /** When the process in the slot has ended by itself; rejects after the bound. */
  async hasEnded(slot: Slot, boundMs: number): Promise<void> {
    const { process } = slot;
    if (process === null || process.child.exitCode !== null || process.child.signalCode !== null) return;
    await once(process.child, 'exit', { signal: AbortSignal.timeout(boundMs) });
  }

  /** Starts a run beside the load, however often it has to ask; returns its id. */
  async startRun(workflow: string): Promise<string> {
    const key = `stage-${(this.started += 1)}`;
    for (;;) {
      const run = await this.ask(`/api/v1/runs`, { method: 'POST', headers: { 'idempotency-key': key }, body: { workflow } });
      if (typeof run?.['run_id'] === 'string') return run['run_id'];
      await pause(200);
    }
  }

  async findRun(runId: string): Promise<JsonObject | null> {
    return this.ask(`/api/v1/runs/${runId}`);
  }

  /** Asks the first API that runs; null where it gives no answer of success. */
  async ask(
    path: string,
    { body, headers, method = 'GET' }: { method?: string; headers?: Record<string, string>; body?: JsonObject } = {},
  ): Promise<JsonObject | null> {
    const init = { method, headers: { 'content-type': 'application/json', ...headers }, signal: AbortSignal.timeout(5_000) };
    const [url] = this.apiUrls;
    if (url === undefined) return null;
    const response = await fetch(url + path, { ...init, ...(body !== undefined && { body: JSON.stringify(body) }) }).catch(
      () => null,
    );
    return response?.ok === true ? ((await response.json()) as JsonObject) : null;
  }

  /** Digests of blobs that are said to be kept and are not what was put; and how many were looked at. */
  async readBlobs(): Promise<{ read: number; torn: string[] }> {
    const database = await openDatabase({ url: this.databaseUrl });
    try {
      const blobs = new ObjectBlobStore(database, new FileObjectStore(this.servers.blobPath!), new SystemClock());
      const rows = await database.read<{ digest: string }>("SELECT digest FROM blobs WHERE state = 'kept'");
      const torn: string[] = [];
      for (const { digest } of rows) {
        const bytes = await blobs.get('default', digest).catch(() => null);
        if (bytes === null) torn.push(digest);
      }
      return { read: rows.length, torn };
    } finally {
      await database.close();
    }
  }

  /** How often a worker was taken for dead though its process lived, as the logs tell. */
  countFalseTakeovers(): number {
    return this.processes
      .flatMap(({ logFile }) => readFileSync(logFile, 'utf8').split('\n'))
      .filter((line) => line.includes('"sign":"'))
      .map((line) => JSON.parse(line) as { time: string; worker_id: string })
      .filter(
        ({ time, worker_id }) => (this.endedAt.get(Number(/-(\d+)-\w+$/.exec(worker_id)![1])) ?? Infinity) > Date.parse(time),
      ).length;
  }

  async withRedis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.servers.redis.url, { maxRetriesPerRequest: 3 });
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.slots.map((slot) => this.kill(slot)));
    await Promise.all([this.redisProxy?.close(), this.sqlProxy?.close()]);
    this.ledger.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** A campaign has hundreds of stages. */
  async dropDatabase(): Promise<void> {
    const connection = await createConnection(this.databaseUrl);
    await connection.query(`DROP DATABASE ${new URL(this.databaseUrl).pathname.slice(1)}`);
    await connection.end();
  }

  private async prepare(chance: Chance): Promise<void> {
    const { proxied, env, apis, workers, poolWorkers } = this.options;
    const random = chance.next;
    const { blobPath } = this.servers;
    if (proxied.includes('redis')) this.redisProxy = await TcpProxy.start(this.servers.redis.port, { random });
    if (proxied.includes('sql')) this.sqlProxy = await TcpProxy.start(this.servers.mariadb.port, { random });
    this.env = {
      DATABASE_URL: this.sqlProxy?.through(this.databaseUrl) ?? this.databaseUrl,
      REDIS_URL: this.redisProxy?.through(this.servers.redis.url) ?? this.servers.redis.url,
      EFFECT_SINK_URL: this.ledger.url,
      DATA_DIR: this.dataDir,
      WORKER_CONCURRENCY: '50',
      ...(blobPath !== null && { BLOB_STORE: 'fs', BLOB_PATH: blobPath, BLOB_THRESHOLD_BYTES: '1024' }),
      ...env,
    };
    await publishWorkflows(this.databaseUrl);
    const serves = { WORKER_POOLS: POOL };
    const add = (app: Slot['app'], count: number, envOf: (index: number) => Slot['env']): void => {
      for (let index = 0; index < count; index += 1) this.slots.push({ app, env: envOf(index), process: null });
    };
    add('api', apis, () => ({}));
    add('worker', workers, (index) => (index === 0 && poolWorkers > 0 ? serves : {}));
    add('worker', poolWorkers, () => ({ ...serves, WORKER_RUNS: 'false' }));
    if (this.options.figures !== true) return;
    for (const { app, env: own } of this.slots) if (app === 'worker') own['WORKER_PORT'] = String(await freePort());
  }
}

async function emptyRedis(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall();
  redis.disconnect();
}

async function publishWorkflows(databaseUrl: string): Promise<void> {
  const database = await openDatabase({ url: databaseUrl });
  try {
    await database.migrate();
    const workflows = new SqlWorkflowStore(database);
    for (const definition of WORKFLOWS) await workflows.publish('default', definition, Date.now());
  } finally {
    await database.close();
  }
}
