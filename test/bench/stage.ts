import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { startMariaDb, startRedis, type Service } from '../support/services.js';
import type { Drive, DriveResult, StageAddress } from './bench-client.js';
import { difference, ServerCounters, writtenBytes, type Counters } from './counters.js';
import type { LoopDelay } from './loop-probe.js';
import { cpuMs, MeasuredProcess, residentBytes } from './measured-process.js';
import type { BenchSystem, Launch } from './systems/index.js';

const CLIENT = new URL('./client.js', import.meta.url).pathname;

/** What one process spent in the measured time. */
export interface ProcessCost {
  cpuMs: number;
  residentBytes: number;
  writtenBytes: number;
  loopDelay: LoopDelay | null;
}

export interface Measurement {
  result: DriveResult;
  /** By role: client, worker, redis, mariadb. */
  processes: Record<string, ProcessCost>;
  servers: Counters;
}

/**
 * Fresh servers and processes for one measurement of one system: nothing that another left behind is in it.
 * Only one stage is open at a time, so that all systems have the same cores.
 */
export class Stage {
  private readonly closers: (() => Promise<void> | void)[] = [];
  private redis: Service | null = null;
  private mariadb: Service | null = null;
  private counters!: ServerCounters;
  private client!: MeasuredProcess;
  private worker: MeasuredProcess | null = null;

  private constructor() {}

  static async open(system: BenchSystem): Promise<Stage> {
    const stage = new Stage();
    try {
      await stage.start(system);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  private async start(system: BenchSystem): Promise<void> {
    const dir = mkdtempSync(join(tmpdir(), 'baton-bench-'));
    this.closers.push(() => rmSync(dir, { recursive: true, force: true }));
    if (system.uses.includes('redis')) this.redis = this.closeLater(await startRedis(), (redis) => redis.stop());
    if (system.uses.includes('mariadb')) this.mariadb = this.closeLater(await startMariaDb(), (mariadb) => mariadb.stop());
    this.counters = this.closeLater(await ServerCounters.connect(this.mariadb, this.redis), (counters) => counters.close());
    const address = { dir, databaseUrl: await createDatabase(this.mariadb, dir), redisUrl: this.redis?.url ?? '' };
    // The client first: it makes the tables.
    this.client = this.startProcess(`client of ${system.title}`, {
      script: CLIENT,
      args: [system.client, JSON.stringify(address)],
    });
    await this.client.message('connected');
    if (system.worker !== null) this.worker = this.startProcess(`worker of ${system.title}`, system.worker(address));
  }

  private startProcess(name: string, { script, args, environment }: Launch): MeasuredProcess {
    return this.closeLater(new MeasuredProcess(name, script, args, environment), (process) => process.stop());
  }

  private closeLater<T>(resource: T, close: (resource: T) => Promise<void>): T {
    this.closers.push(() => close(resource));
    return resource;
  }

  /** Lets the client drive runs, without looking at the cost. The first also waits until the worker is up. */
  async drive(drive: Drive): Promise<DriveResult> {
    const failures = this.worker === null ? [] : [this.worker.failure];
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

  /** One row of numbers of the stage's schema. */
  async read(query: string): Promise<Record<string, number>> {
    const connection = await createConnection(`${this.mariadb!.url}/bench`);
    try {
      const [rows] = await connection.query<RowDataPacket[]>(query);
      return Object.fromEntries(Object.entries(rows[0]!).map(([name, value]) => [name, Number(value)]));
    } finally {
      await connection.end();
    }
  }

  /** Ends what was started, the last first. */
  async close(): Promise<void> {
    for (const close of this.closers.splice(0).toReversed()) await close();
  }

  private readProcesses(): Record<string, Omit<ProcessCost, 'loopDelay'>> {
    const pids = {
      client: this.client.pid,
      worker: this.worker?.pid,
      redis: this.redis?.child.pid,
      mariadb: this.mariadb?.child.pid,
    };
    const read = (pid: number): Omit<ProcessCost, 'loopDelay'> => ({
      cpuMs: cpuMs(pid),
      residentBytes: residentBytes(pid),
      writtenBytes: writtenBytes(pid),
    });
    return Object.fromEntries(Object.entries(pids).flatMap(([role, pid]) => (pid === undefined ? [] : [[role, read(pid)]])));
  }

  private async loopDelays(): Promise<Record<string, LoopDelay>> {
    const client = await this.client.loopDelay();
    return this.worker === null ? { client } : { client, worker: await this.worker.loopDelay() };
  }
}

async function createDatabase(mariadb: Service | null, dir: string): Promise<StageAddress['databaseUrl']> {
  if (mariadb === null) return `sqlite:${join(dir, 'baton.sqlite')}`;
  const connection = await createConnection(mariadb.url);
  await connection.query('CREATE DATABASE bench');
  await connection.end();
  return `${mariadb.url}/bench`;
}
