import { jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database, type DatabaseOptions } from '@baton/storage';
import { describeSqlite, migrateModel, type MigratedModel } from './migrated-copy.js';
import { startMariaDb, type Service } from './services.js';

// A server of one's own takes its time on a busy machine.
jest.setTimeout(30_000);

export const DATABASE_KINDS = ['mariadb', 'sqlite file', 'sqlite memory'] as const;
export type DatabaseKind = (typeof DATABASE_KINDS)[number];

/** An empty, migrated database of its own for one test. */
export interface FreshDatabase {
  readonly url: string;
  /** Opens it as one process does. A database in memory has one connection, which all share. */
  open(options?: Partial<DatabaseOptions>): Promise<Database>;
}

/** Makes empty databases of one kind for the tests of one file, and removes them all at its end. The migrations run once; then they are copied. */
export class DatabaseBench {
  private server: Service | null = null;
  private model: Promise<MigratedModel> | null = null;
  private sqliteModel: string | null = null;
  private readonly dirs: string[] = [];
  private readonly opened: Database[] = [];

  /** @param where the folder of its server; that of other files of tests when absent */
  constructor(
    readonly kind: DatabaseKind,
    private readonly where?: string,
  ) {}

  /** The server of the MariaDB kind; its databases go with it. */
  async mariaDb(): Promise<Service> {
    return (this.server ??= await startMariaDb(this.where === undefined ? {} : { parent: this.where }));
  }

  async fresh(): Promise<FreshDatabase> {
    const url = await this.create();
    let shared: Database | undefined;
    const open: FreshDatabase['open'] = async (options = {}) => {
      if (shared !== undefined && this.kind === 'sqlite memory') return shared;
      const database = await openDatabase({ url, poolSize: 4, ...options });
      this.opened.push(database);
      shared ??= database;
      return database;
    };
    const first = await open();
    if (first.dialect === 'sqlite') await this.fillSqlite(first);
    return { url, open };
  }

  /** Closes what the last test opened. */
  async closeAll(): Promise<void> {
    for (const database of this.opened.splice(0)) await database.close();
  }

  async stop(): Promise<void> {
    await this.closeAll();
    await this.server?.stop();
    for (const dir of this.dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  }

  private async create(): Promise<string> {
    if (this.kind === 'sqlite memory') return 'sqlite::memory:';
    if (this.kind === 'sqlite file') {
      const dir = mkdtempSync(join(tmpdir(), 'baton-sqlite-'));
      this.dirs.push(dir);
      return `sqlite:${join(dir, 'baton.sqlite')}`;
    }
    const { url } = await this.mariaDb();
    const model = await (this.model ??= migrateModel(url));
    return model.createDatabase();
  }

  private async fillSqlite(database: Database): Promise<void> {
    if (this.sqliteModel !== null) {
      database.sqlite.exec(this.sqliteModel);
      return;
    }
    await database.migrate();
    this.sqliteModel = describeSqlite(database);
  }
}
