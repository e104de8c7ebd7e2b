import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { setTimeout as pause } from 'node:timers/promises';
import { createDatabase } from '../support/create-database.js';
import { freePort, startMariaDb, startRedis, type Service } from '../support/services.js';
import type { Drive, DriveResult, StageAddress } from './bench-client.js';
import { difference, ServerCounters, writtenBytes, type Counters } from './counters.js';
import { closeAll, type Closer } from './fresh-servers.js';
import type { LoopDelay } from './loop-probe.js';
import type { MemoryInUse } from './memory-probe.js';
import { cpuMs, MeasuredProcess, peakResidentBytes, residentBytes } from './measured-process.js';
import type { BenchSystem, Launch } from './systems/index.js';
import { TIMELINE_REQUEST, type Mark, type SocketMark } from './timeline/mark.js';

const CLIENT = new URL('./client.js', import.meta.url).pathname;

/** What one process, or all of a role, spent in the measured time; of the loop delays the worst. */
export interface ProcessCost {
  cpuMs: number;
  residentBytes: number;
  /** The most that each was since its start, added up. */
  peakBytes: number;
  writtenBytes: number;
  loopDelay: LoopDelay | null;
}

export interface Measurement {
  result: DriveResult;
  /** By role: client, api, worker, redis, mariadb. */
  processes: Record<string, ProcessCost>;
  servers: Counters;
}

export interface StageOptions {
  /** Worker processes, of a system that has any. Default 1. */
  workers?: number;
  /** API processes, of a system that has any. Default 1. */
  apis?: number;
  /** Of MariaDB, as it spells sizes: 256M when absent. */
  bufferPool?: string;
  /** A module that is loaded into client and workers before all else. */
  preload?: string;
}

const LOOK_MS = 20;
const READY_BOUND_MS = 60_000;

/**
 * Fresh servers and processes for one measurement of one system: nothing that another left behind is in it.
 * Only one stage is open at a time, so that all systems have the same cores.
 */
export class Stage {
  private readonly closers: Closer[] = [];
  private redis: Service | null = null;
  private mariadb: Service | null = null;
  private counters!: ServerCounters;
  private client!: MeasuredProcess;
  private readonly apis: MeasuredProcess[] = [];
  private readonly workers: MeasuredProcess[] = [];
  private address!: StageAddress;
  private preloads: readonly string[] = [];

  private constructor(private readonly system: BenchSystem) {}

  static async open(system: BenchSystem, options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(system);
    try {
      await stage.start(options);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  private async start({ workers = 1, apis = 1, bufferPool, preload }: StageOptions): Promise<void> {
    const { system } = this;
    this.preloads = preload === undefined ? [] : [preload];
    const dir = mkdtempSync(join(tmpdir(), 'baton-bench-'));
    this.closers.push(() => rmSync(dir, { recursive: true, force: true }));
    if (system.uses.includes('redis')) this.redis = this.closeLater(await startRedis(), (redis) => redis.stop());
    const sized = bufferPool === undefined ? [] : [`--innodb-buffer-pool-size=${bufferPool}`];
    if (system.uses.includes('mariadb'))
      this.mariadb = this.closeLater(await startMariaDb({ args: sized }), (mariadb) => mariadb.stop());
    this.counters = this.closeLater(await ServerCounters.connect(this.mariadb, this.redis), (counters) => counters.close());
    const databaseUrl =
      this.mariadb === null ? `sqlite:${join(dir, 'baton.sqlite')}` : await createDatabase(this.mariadb, 'bench');
    this.address = { dir, databaseUrl, redisUrl: this.redis?.url ?? '', apiUrls: [] };
    if (system.api !== undefined) for (let api = 0; api < apis; api++) await this.startApi(system.api);
    // Before the workers: it makes the tables.
    const args = [system.client, JSON.stringify(this.address)];
    this.client = this.startProcess(`client of ${system.title}`, { script: CLIENT, args });
    await this.client.message('connected');
    for (let worker = 0; worker < workers; worker++) this.startWorker();
  }

  private async startApi(launch: NonNullable<BenchSystem['api']>): Promise<void> {
    const port = await freePort();
    const api = this.startProcess(`API of ${this.system.title}`, launch(this.address, port));
    this.apis.push(api);
    const url = `http://127.0.0.1:${port}`;
    const isReady = (): Promise<boolean> =>
      fetch(`${url}/ready`)
        .then(({ status }) => status === 200)
        .catch(() => false);
    const deadline = performance.now() + READY_BOUND_MS;
    while (!(await Promise.race([isReady(), api.failure]))) {
      if (performance.now() > deadline) throw new Error(`API of ${this.system.title} is not ready`);
      await pause(LOOK_MS);
    }
    this.address = { ...this.address, apiUrls: [...this.address.apiUrls, url] };
  }

  /** One more, of a system that has any. */
  startWorker(): void {
    if (this.system.worker === null) return;
    this.workers.push(this.startProcess(`worker of ${this.system.title}`, this.system.worker(this.address)));
  }

  /** `kill -9` of the first, and waits until it is gone. */
  async killWorker(): Promise<void> {
    await this.workers.shift()!.stop();
  }

  get databaseUrl(): string {
    return this.address.databaseUrl;
  }

  get apiUrls(): readonly string[] {
    return this.address.apiUrls;
  }

  private startProcess(name: string, { script, args, environment }: Launch): MeasuredProcess {
    return this.closeLater(new MeasuredProcess(name, script, args, environment, this.preloads), (process) => process.stop());
  }

  private closeLater<T>(resource: T, close: (resource: T) => Promise<void>): T {
    this.closers.push(() => close(resource));
    return resource;
  }

  /** Lets the client drive runs, without looking at the cost. The first also waits until the worker is up. */
  async drive(drive: Drive): Promise<DriveResult> {
    const failures = [...this.apis, ...this.workers].map(({ failure }) => failure);
    const driven = this.client.request<{ result: DriveResult }>(drive, 'driven');
    return (await Promise.race([driven, ...failures])).result;
  }

  async measure(drive: Drive): Promise<Measurement> {
    await this.loopDelays();
    const processesBefore = this.readProcesses();
    const serversBefore = await this.counters.read();
    const result = await this.drive(drive);
    const servers = difference(await this.counters.read(), serversBefore);
    const processesAfter = this.readProcesses();
    const delays = await this.loopDelays();
    const processes = Object.fromEntries(
      Object.entries(processesAfter).map(([role, after]) => {
        const before = processesBefore[role]!;
        const spent = { cpuMs: after.cpuMs - before.cpuMs, writtenBytes: after.writtenBytes - before.writtenBytes };
        return [role, { ...after, ...spent, loopDelay: delays[role] ?? null }];
      }),
    );
    return { result, processes, servers };
  }

  /** What each worker, or the first `count`, holds once its garbage is gone. */
  async workerMemory(count = Infinity): Promise<MemoryInUse[]> {
    return Promise.all(this.workers.slice(0, count).map((worker) => worker.memoryInUse()));
  }

  /** What passed through the sockets of client and workers since the last time, of processes that note it. */
  async timeline(): Promise<Mark[]> {
    const of = async (role: Mark['role'], process: MeasuredProcess): Promise<Mark[]> => {
      const { marks } = await process.request<{ marks: SocketMark[] }>(TIMELINE_REQUEST, TIMELINE_REQUEST);
      return marks.map((mark) => ({ ...mark, role }));
    };
    const marks = await Promise.all([of('client', this.client), ...this.workers.map((worker) => of('worker', worker))]);
    return marks.flat().toSorted((one, other) => one.at - other.at);
  }

  /** One row of numbers of the stage's schema. */
  async read(query: string): Promise<Record<string, number>> {
    const [row] = await this.readRows(query);
    return Object.fromEntries(Object.entries(row!).map(([name, value]) => [name, Number(value)]));
  }

  async readRows(query: string): Promise<RowDataPacket[]> {
    const connection = await createConnection(`${this.mariadb!.url}/bench`);
    try {
      const [rows] = await connection.query<RowDataPacket[]>(query);
      return rows;
    } finally {
      await connection.end();
    }
  }

  /** Ends what was started, the last first. */
  async close(): Promise<void> {
    await closeAll(this.closers);
  }

  private get processes(): Record<string, readonly MeasuredProcess[]> {
    return { client: [this.client], api: this.apis, worker: this.workers };
  }

  private readProcesses(): Record<string, Omit<ProcessCost, 'loopDelay'>> {
    const own = Object.entries(this.processes).map(([role, processes]) => [role, processes.map(({ pid }) => pid)] as const);
    const servers = { redis: this.redis, mariadb: this.mariadb };
    const others = Object.entries(servers).map(([role, server]) => [role, server === null ? [] : [server.child.pid!]] as const);
    return Object.fromEntries([...own, ...others].flatMap(([role, pids]) => (pids.length === 0 ? [] : [[role, readAll(pids)]])));
  }

  private async loopDelays(): Promise<Record<string, LoopDelay>> {
    const delays = Object.entries(this.processes).map(async ([role, processes]) => {
      const each = await Promise.all(processes.map((process) => process.loopDelay()));
      return each.length === 0 ? [] : [[role, worstOf(each)] as const];
    });
    return Object.fromEntries((await Promise.all(delays)).flat());
  }
}

function readAll(pids: readonly number[]): Omit<ProcessCost, 'loopDelay'> {
  const sum = (read: (pid: number) => number): number => pids.reduce((total, pid) => total + read(pid), 0);
  const memory = { residentBytes: sum(residentBytes), peakBytes: sum(peakResidentBytes) };
  return { cpuMs: sum(cpuMs), ...memory, writtenBytes: sum(writtenBytes) };
}

function worstOf(delays: readonly LoopDelay[]): LoopDelay {
  return delays.reduce((worst, one) => (one.p99Ms > worst.p99Ms ? one : worst));
}
