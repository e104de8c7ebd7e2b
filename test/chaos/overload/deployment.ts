import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, SqlWorkflowStore, type Database } from '@baton/storage';
import { WorkflowDefinitionSchema, type RunStatus } from '@baton/core';
import { cpuMs, residentBytes } from '../../bench/measured-process.js';
import { createDatabase } from '../../support/create-database.js';
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

/** One API and one worker over MariaDB and Redis, for two tenants; with hosts of their own two workers, which look after each other. */
export class Deployment {
  private processes: BatonProcess[] = [];
  /** Of the processes before. */
  private falseTakeovers = 0;

  private constructor(
    private readonly servers: readonly [Service, Service],
    private readonly database: Database,
    private readonly env: Record<string, string>,
    private readonly dir: string,
    private readonly ownHosts: boolean,
  ) {}

  static async open({ ownHosts }: { ownHosts: boolean }): Promise<Deployment> {
    const dir = mkdtempSync(join(tmpdir(), 'baton-overload-'));
    const [mariadb, redis] = await Promise.all([startMariaDb(), startRedis()]);
    const url = await createDatabase(mariadb, 'overload');
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
    return new Deployment([mariadb, redis], database, env, dir, ownHosts);
  }

  /** Starts the processes anew, and returns the API's address. */
  async start(env: Record<string, string>): Promise<string> {
    await Promise.all(this.processes.map((process) => process.terminate()));
    this.falseTakeovers = this.countFalseTakeovers();
    const all = { ...this.env, ...env };
    const apps = this.ownHosts ? (['api', 'worker', 'worker'] as const) : (['api', 'worker'] as const);
    const start = (app: BatonProcess['app'], index: number): Promise<BatonProcess> =>
      startBaton(app, all, this.ownHosts ? { host: `host-${index}` } : {});
    this.processes = await Promise.all(apps.map(start));
    return this.processes[0]!.url;
  }

  /** How often a worker was taken for dead, as the logs tell: none has died. */
  countFalseTakeovers(): number {
    const logs = this.processes.map(({ logFile }) => readFileSync(logFile, 'utf8'));
    return this.falseTakeovers + logs.reduce((sum, log) => sum + log.split('"sign":"').length - 1, 0);
  }

  /** Runs whose journal has a gap, or not exactly one end. */
  async countBrokenJournals(): Promise<number> {
    const ends = "'run.completed', 'run.failed', 'run.cancelled'";
    const [row] = await this.database.read<{ n: number }>(
      `SELECT COUNT(*) AS n FROM (
         SELECT run_id FROM journal GROUP BY run_id HAVING COUNT(*) <> MAX(seq) OR SUM(type IN (${ends})) <> 1
       ) AS broken`,
    );
    return row!.n;
  }

  /** Milliseconds on a CPU so far, of each part. */
  cpuMs(): { api: number; worker: number; servers: number } {
    const used = (processes: readonly { child: ChildProcess }[]): number =>
      processes.reduce((sum, { child }) => sum + cpuMs(child.pid!), 0);
    return { api: used(this.processes.slice(0, 1)), worker: used(this.processes.slice(1)), servers: used(this.servers) };
  }

  /** Of the largest process of each kind. */
  residentBytes(): { api: number; worker: number } {
    const [api, ...workers] = this.processes.map(({ child }) => residentBytes(child.pid!));
    return { api: api!, worker: Math.max(...workers) };
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
