import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, SqlWorkflowStore, type Database } from '@baton/storage';
import { WorkflowDefinitionSchema, type RunStatus } from '@baton/core';
import { createConnection } from 'mysql2/promise';
import { cpuMs, residentBytes } from '../../bench/measured-process.js';
import { startBaton, type BatonProcess } from '../../support/processes.js';
import { startMariaDb, startRedis, type Service } from '../../support/services.js';

export const LOUD = { tenant: 'loud', token: 'a-token-of-the-loud-tenant' };
export const QUIET = { tenant: 'quiet', token: 'a-token-of-the-quiet-tenant' };

const WORKFLOW = WorkflowDefinitionSchema.parse({ name: 'step', nodes: [{ id: 'only', type: 'echo' }] });

/** How a run went, as SQL has it; instants in ms. */
export interface RunTimes {
  id: string;
  tenant: string;
  status: RunStatus;
  createdAt: number;
  finishedAt: number | null;
}

/** One API and one worker over MariaDB and Redis, for two tenants. */
export class Deployment {
  private processes: BatonProcess[] = [];

  private constructor(
    private readonly servers: readonly [Service, Service],
    private readonly database: Database,
    private readonly env: Record<string, string>,
    private readonly dir: string,
  ) {}

  static async open(): Promise<Deployment> {
    const dir = mkdtempSync(join(tmpdir(), 'baton-overload-'));
    const [mariadb, redis] = await Promise.all([startMariaDb(), startRedis()]);
    const connection = await createConnection(mariadb.url);
    await connection.query('CREATE DATABASE overload');
    await connection.end();
    const url = `${mariadb.url}/overload`;
    const database = await openDatabase({ url });
    await database.migrate();
    const workflows = new SqlWorkflowStore(database);
    for (const { tenant } of [LOUD, QUIET]) await workflows.publish(tenant, WORKFLOW, Date.now());
    const tokens = [LOUD, QUIET].map(({ tenant, token }) => ({
      ...{ name: tenant, tenant, role: 'operator', sha256: createHash('sha256').update(token).digest('hex') },
    }));
    const rbacFile = join(dir, 'rbac.json');
    writeFileSync(rbacFile, JSON.stringify({ tokens }));
    const env = { DATABASE_URL: url, REDIS_URL: redis.url, DATA_DIR: dir, RBAC_FILE: rbacFile };
    return new Deployment([mariadb, redis], database, env, dir);
  }

  /** Starts the processes anew, and returns the API's address. */
  async start(env: Record<string, string>): Promise<string> {
    await Promise.all(this.processes.map((process) => process.terminate()));
    const all = { ...this.env, ...env };
    this.processes = await Promise.all([startBaton('api', all), startBaton('worker', all)]);
    return this.processes[0]!.url;
  }

  /** Milliseconds on a CPU so far, of each part. */
  cpuMs(): { api: number; worker: number; servers: number } {
    const [api, worker] = this.processes.map(({ child }) => cpuMs(child.pid!));
    const servers = this.servers.reduce((sum, { child }) => sum + cpuMs(child.pid!), 0);
    return { api: api!, worker: worker!, servers };
  }

  /** Of the largest process. */
  residentBytes(): number {
    return Math.max(...this.processes.map(({ child }) => residentBytes(child.pid!)));
  }

  async countQueued(): Promise<number> {
    const [row] = await this.database.read<{ n: number }>("SELECT COUNT(*) AS n FROM runs WHERE status = 'queued'");
    return row!.n;
  }

  async countUnended(): Promise<number> {
    const [row] = await this.database.read<{ n: number }>('SELECT COUNT(*) AS n FROM runs WHERE finished_at IS NULL');
    return row!.n;
  }

  async runsSince(at: number): Promise<RunTimes[]> {
    return this.database.read<RunTimes>(
      `SELECT id, tenant_id AS tenant, status, created_at AS createdAt, finished_at AS finishedAt FROM runs WHERE created_at >= ?`,
      [at],
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill()));
    await this.database.close();
    await Promise.all(this.servers.map((server) => server.stop()));
    rmSync(this.dir, { recursive: true, force: true });
  }
}
