import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as yieldTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { VectorStore, type JsonObject, type VectorHit, type VectorPoint, type VectorQuery } from '@baton/core';
import { load as loadSqliteVec } from 'sqlite-vec';
import { retryWhileBusy } from './busy-retry.js';
import { checkVector, notPrepared, sizeMismatch } from './check-vector.js';
import { createCollectionTables, dropCollectionTables, MAX_NEIGHBOURS, SqliteCollection } from './sqlite-collection.js';

export interface SqliteVectorStoreOptions {
  /** A file of its own, or `:memory:`. Its folder is created. */
  path: string;
  /** Points written in one commit: one synchronous turn. */
  batchSize?: number;
  /** How long to wait for another process's write, in milliseconds. */
  busyTimeoutMs?: number;
}

interface CollectionRow {
  number: number;
  dimensions: number;
}

/**
 * The embedded vector store: sqlite-vec in a file of its own, exact search, a pair of tables for each collection, tenants in partitions of
 * their own. Several processes may use one file. A point's identity is (tenant, id): no tenant can touch another's.
 */
export class SqliteVectorStore extends VectorStore {
  readonly kind = 'sqlite-vec';
  private readonly db: Database.Database;
  private readonly batchSize: number;
  private readonly busyTimeoutMs: number;
  /** By number, which no other collection ever gets: another process may have dropped one and made it again. */
  private readonly collections = new Map<number, SqliteCollection>();
  private registry: Promise<Registry> | null = null;

  constructor(options: SqliteVectorStoreOptions) {
    super();
    this.batchSize = options.batchSize ?? 200;
    this.busyTimeoutMs = options.busyTimeoutMs ?? 5_000;
    if (options.path !== ':memory:') mkdirSync(dirname(options.path), { recursive: true });
    this.db = new Database(options.path, { timeout: 0 });
    loadSqliteVec(this.db);
  }

  async prepare(collection: string, dimensions: number): Promise<void> {
    const { find, insert } = await this.open();
    const isThere = (): boolean => {
      const existing = find.get(collection);
      if (existing === undefined || existing.dimensions === dimensions) return existing !== undefined;
      throw sizeMismatch(collection, existing.dimensions, dimensions);
    };
    if (await retryWhileBusy(isThere, this.busyTimeoutMs)) return;
    await this.write(() => {
      if (isThere()) return;
      createCollectionTables(this.db, Number(insert.run(collection, dimensions).lastInsertRowid), dimensions);
    });
  }

  async upsert(collection: string, points: readonly VectorPoint[]): Promise<void> {
    const { dimensions } = await this.require(collection);
    points.forEach((point) => checkVector(point.vector, dimensions));
    for (let start = 0; start < points.length; start += this.batchSize) {
      if (start > 0) await yieldTurn();
      const batch = points.slice(start, start + this.batchSize);
      const { find } = await this.open();
      await this.write(() => {
        const target = this.at(find.get(collection));
        if (target === null) throw notPrepared(collection);
        batch.forEach((point) => target.put(point));
      });
    }
  }

  async search(collection: string, query: VectorQuery): Promise<VectorHit[]> {
    const limit = Math.min(Math.floor(query.limit), MAX_NEIGHBOURS);
    const rows = await this.read(collection, [], (target) => {
      checkVector(query.vector, target.dimensions);
      return limit < 1 || query.documentIds?.length === 0 ? [] : target.nearest(query, limit);
    });
    return rows.map(({ payload, ...hit }) => ({ ...hit, payload: JSON.parse(payload) as JsonObject }));
  }

  removeDocument(collection: string, tenantId: string, documentId: string): Promise<void> {
    return this.remove(collection, (target) => target.removeDocument(tenantId, documentId));
  }

  removeTenant(collection: string, tenantId: string): Promise<void> {
    return this.remove(collection, (target) => target.removeTenant(tenantId));
  }

  count(collection: string, tenantId: string, documentId?: string): Promise<number> {
    return this.read(collection, 0, (target) => target.count(tenantId, documentId));
  }

  async drop(collection: string): Promise<void> {
    const { find, remove } = await this.open();
    await this.write(() => {
      const row = find.get(collection);
      if (row === undefined) return;
      this.collections.delete(row.number);
      remove.run(row.number);
      dropCollectionTables(this.db, row.number);
    });
  }

  async list(): Promise<string[]> {
    const { names } = await this.open();
    return await retryWhileBusy(() => names.all().map(({ name }) => name), this.busyTimeoutMs);
  }

  async ping(): Promise<boolean> {
    try {
      await this.list();
      return true;
    } catch {
      return false;
    }
  }

  /** Closes the file. The store cannot be used afterwards. */
  close(): void {
    this.db.close();
  }

  /** A collection that is not there, or that another process drops just now, reads as an empty one. */
  private async read<T>(collection: string, empty: T, work: (target: SqliteCollection) => T): Promise<T> {
    const { find } = await this.open();
    const readNow = this.db.transaction(() => {
      const target = this.at(find.get(collection));
      return target === null ? empty : work(target);
    });
    return await retryWhileBusy(() => readNow.deferred(), this.busyTimeoutMs);
  }

  private async remove(collection: string, work: (target: SqliteCollection) => void): Promise<void> {
    const { find } = await this.open();
    await this.write(() => {
      const target = this.at(find.get(collection));
      if (target !== null) work(target);
    });
  }

  private async require(collection: string): Promise<CollectionRow> {
    const { find } = await this.open();
    const row = await retryWhileBusy(() => find.get(collection), this.busyTimeoutMs);
    if (row === undefined) throw notPrepared(collection);
    return row;
  }

  private at(row: CollectionRow | undefined): SqliteCollection | null {
    if (row === undefined) return null;
    const known = this.collections.get(row.number) ?? new SqliteCollection(this.db, row.number, row.dimensions);
    this.collections.set(row.number, known);
    return known;
  }

  private write(work: () => void): Promise<void> {
    return retryWhileBusy(() => this.db.transaction(work).immediate(), this.busyTimeoutMs);
  }

  private async open(): Promise<Registry> {
    try {
      return await (this.registry ??= openRegistry(this.db, this.busyTimeoutMs));
    } catch (error) {
      this.registry = null;
      throw error;
    }
  }
}

type Registry = Awaited<ReturnType<typeof openRegistry>>;

/** The list of collections. AUTOINCREMENT: a number is never given twice. */
async function openRegistry(db: Database.Database, busyTimeoutMs: number) {
  await retryWhileBusy(() => db.pragma('journal_mode = WAL'), busyTimeoutMs);
  // A document counts as indexed once its points are written: a power cut must not take them back.
  db.pragma('synchronous = FULL');
  const table = `CREATE TABLE IF NOT EXISTS collections (
    number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, dimensions INTEGER NOT NULL)`;
  await retryWhileBusy(() => db.exec(table), busyTimeoutMs);
  return {
    find: db.prepare<[string], CollectionRow>('SELECT number, dimensions FROM collections WHERE name = ?'),
    insert: db.prepare<[string, number]>('INSERT INTO collections (name, dimensions) VALUES (?, ?)'),
    remove: db.prepare<[number]>('DELETE FROM collections WHERE number = ?'),
    names: db.prepare<[], { name: string }>('SELECT name FROM collections ORDER BY name'),
  };
}
