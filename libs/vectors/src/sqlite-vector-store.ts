import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as yieldTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { BatonError, VectorStore, type JsonObject, type VectorHit, type VectorPoint } from '@baton/core';
import { load as loadSqliteVec } from 'sqlite-vec';
import { retryWhileBusy } from './busy-retry.js';

export interface SqliteVectorStoreOptions {
  /** A file of its own, or `:memory:`. Its folder is created. */
  path: string;
  /** Points written in one commit: one synchronous turn. */
  batchSize?: number;
  /** How long to wait for another process's write, in milliseconds. */
  busyTimeoutMs?: number;
}

interface HitRow {
  id: string;
  documentId: string;
  distance: number;
  payload: string;
}

/** The most neighbours that sqlite-vec gives in one search. */
const MAX_NEIGHBOURS = 4_096;
/** Vectors of one tenant in a block: the smallest space that a tenant takes, and the step in which it grows. */
const BLOCK_VECTORS = 128;

/**
 * The embedded vector store: sqlite-vec in a file of its own, exact search, tenants in partitions of their own. Several processes may use
 * one file. A point's identity is (tenant, id): no tenant can touch another's.
 */
export class SqliteVectorStore extends VectorStore {
  readonly kind = 'sqlite-vec';
  private readonly db: Database.Database;
  private readonly batchSize: number;
  private readonly busyTimeoutMs: number;
  private statements: Statements | null = null;

  constructor(options: SqliteVectorStoreOptions) {
    super();
    this.batchSize = options.batchSize ?? 200;
    this.busyTimeoutMs = options.busyTimeoutMs ?? 5_000;
    if (options.path !== ':memory:') mkdirSync(dirname(options.path), { recursive: true });
    this.db = new Database(options.path, { timeout: 0 });
    loadSqliteVec(this.db);
  }

  async prepare(dimensions: number): Promise<void> {
    await retryWhileBusy(() => this.db.pragma('journal_mode = WAL'), this.busyTimeoutMs);
    // A document counts as indexed once its points are written: a power cut must not take them back.
    this.db.pragma('synchronous = FULL');
    await retryWhileBusy(() => this.db.transaction(() => createTables(this.db, dimensions)).immediate(), this.busyTimeoutMs);
    this.statements = prepareStatements(this.db, dimensions);
  }

  async upsert(points: readonly VectorPoint[]): Promise<void> {
    const statements = this.ready();
    points.forEach((point) => checkVector(point.vector, statements.dimensions));
    for (let start = 0; start < points.length; start += this.batchSize) {
      if (start > 0) await yieldTurn();
      const batch = points.slice(start, start + this.batchSize);
      await this.write(() => batch.forEach((point) => putPoint(statements, point)));
    }
  }

  async search(query: {
    tenantId: string;
    vector: Float32Array;
    limit: number;
    documentIds?: readonly string[];
  }): Promise<VectorHit[]> {
    const statements = this.ready();
    checkVector(query.vector, statements.dimensions);
    const limit = Math.min(Math.floor(query.limit), MAX_NEIGHBOURS);
    if (limit < 1 || query.documentIds?.length === 0) return [];
    const rows = await retryWhileBusy(() => nearest(statements, query, limit), this.busyTimeoutMs);
    return rows.map(({ id, documentId, distance, payload }) => ({
      id,
      documentId,
      score: 1 - distance,
      payload: JSON.parse(payload) as JsonObject,
    }));
  }

  async removeDocument(tenantId: string, documentId: string): Promise<void> {
    const { removeVectors, removePoints } = this.ready();
    await this.write(() => {
      removeVectors.run(tenantId, documentId);
      removePoints.run(tenantId, documentId);
    });
  }

  async count(tenantId: string, documentId?: string): Promise<number> {
    const { count, countOf } = this.ready();
    const countNow = () => (documentId === undefined ? count.get(tenantId) : countOf.get(tenantId, documentId));
    return (await retryWhileBusy(countNow, this.busyTimeoutMs))!.points;
  }

  ping(): Promise<boolean> {
    try {
      return Promise.resolve(this.statements?.dimensionsInUse.get() !== undefined);
    } catch {
      return Promise.resolve(false);
    }
  }

  /** Closes the file. The store cannot be used afterwards. */
  close(): void {
    this.db.close();
  }

  private write(work: () => void): Promise<void> {
    return retryWhileBusy(() => this.db.transaction(work).immediate(), this.busyTimeoutMs);
  }

  private ready(): Statements {
    if (this.statements === null) throw new BatonError('internal', 'The vector store was used before `prepare`');
    return this.statements;
  }
}

const DIMENSIONS_IN_USE = 'SELECT dimensions FROM collection WHERE id = 1';

function createTables(db: Database.Database, dimensions: number): void {
  db.exec('CREATE TABLE IF NOT EXISTS collection (id INTEGER PRIMARY KEY CHECK (id = 1), dimensions INTEGER NOT NULL)');
  const existing = db.prepare<[], { dimensions: number }>(DIMENSIONS_IN_USE).get();
  if (existing !== undefined) {
    if (existing.dimensions === dimensions) return;
    throw new BatonError(
      'config_invalid',
      `The vector store holds vectors of ${existing.dimensions} dimensions, the embedder makes ${dimensions}`,
      { stored: existing.dimensions, wanted: dimensions },
      {
        remedy: `Configure the embedder that the vectors were made with, or remove the vector file \`${db.name}\` and ingest again.`,
      },
    );
  }
  db.prepare('INSERT INTO collection (id, dimensions) VALUES (1, ?)').run(dimensions);
  db.exec(`
    CREATE TABLE points (
      point INTEGER PRIMARY KEY,
      tenant_id TEXT NOT NULL,
      id TEXT NOT NULL,
      document_id TEXT NOT NULL,
      payload TEXT NOT NULL,
      UNIQUE (tenant_id, id)
    );
    CREATE INDEX points_by_document ON points (tenant_id, document_id);
    CREATE VIRTUAL TABLE vectors USING vec0 (
      point INTEGER PRIMARY KEY,
      tenant_id TEXT PARTITION KEY,
      embedding FLOAT[${dimensions}] DISTANCE_METRIC=cosine,
      chunk_size=${BLOCK_VECTORS}
    );
  `);
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(db: Database.Database, dimensions: number) {
  const neighbours = (filter: string): string => `
    SELECT points.id AS id, points.document_id AS documentId, near.distance AS distance, points.payload AS payload
    FROM (SELECT point, distance FROM vectors WHERE embedding MATCH ? AND k = ? AND tenant_id = ? ${filter}) AS near
    JOIN points ON points.point = near.point`;
  const ofDocument = 'SELECT point FROM points WHERE tenant_id = ? AND document_id = ?';
  return {
    dimensions,
    dimensionsInUse: db.prepare<[], { dimensions: number }>(DIMENSIONS_IN_USE),
    find: db.prepare<[string, string], { point: number }>('SELECT point FROM points WHERE tenant_id = ? AND id = ?'),
    insertPoint: db.prepare<[string, string, string, string]>(
      'INSERT INTO points (tenant_id, id, document_id, payload) VALUES (?, ?, ?, ?)',
    ),
    updatePoint: db.prepare<[string, string, number]>('UPDATE points SET document_id = ?, payload = ? WHERE point = ?'),
    insertVector: db.prepare<[bigint, string, Float32Array]>(
      'INSERT INTO vectors (point, tenant_id, embedding) VALUES (?, ?, ?)',
    ),
    updateVector: db.prepare<[Float32Array, bigint]>('UPDATE vectors SET embedding = ? WHERE point = ?'),
    removeVectors: db.prepare<[string, string]>(`DELETE FROM vectors WHERE point IN (${ofDocument})`),
    removePoints: db.prepare<[string, string]>('DELETE FROM points WHERE tenant_id = ? AND document_id = ?'),
    count: db.prepare<[string], { points: number }>('SELECT count(*) AS points FROM points WHERE tenant_id = ?'),
    countOf: db.prepare<[string, string], { points: number }>(`SELECT count(*) AS points FROM (${ofDocument})`),
    nearest: db.prepare<[Float32Array, number, string], HitRow>(neighbours('')),
    nearestOf: db.prepare<[Float32Array, number, string, string, string], HitRow>(
      neighbours(
        'AND point IN (SELECT point FROM points WHERE tenant_id = ? AND document_id IN (SELECT value FROM json_each(?)))',
      ),
    ),
  };
}

function putPoint(statements: Statements, point: VectorPoint): void {
  const payload = JSON.stringify(point.payload);
  const existing = statements.find.get(point.tenantId, point.id);
  if (existing === undefined) {
    const { lastInsertRowid } = statements.insertPoint.run(point.tenantId, point.id, point.documentId, payload);
    statements.insertVector.run(BigInt(lastInsertRowid), point.tenantId, point.vector);
  } else {
    // In place: sqlite-vec does not fill the gap that a deleted vector leaves.
    statements.updatePoint.run(point.documentId, payload, existing.point);
    statements.updateVector.run(point.vector, BigInt(existing.point));
  }
}

/**
 * The best `limit` rows, ties by id. sqlite-vec breaks ties as it likes, so the search goes on until the last row asked for differs from
 * the last one wanted; only among more than {@link MAX_NEIGHBOURS} equal vectors is the choice sqlite-vec's.
 */
function nearest(
  statements: Statements,
  query: { tenantId: string; vector: Float32Array; documentIds?: readonly string[] },
  limit: number,
): HitRow[] {
  for (let wanted = limit + 1; ; wanted *= 2) {
    const k = Math.min(wanted, MAX_NEIGHBOURS);
    const rows =
      query.documentIds === undefined
        ? statements.nearest.all(query.vector, k, query.tenantId)
        : statements.nearestOf.all(query.vector, k, query.tenantId, query.tenantId, JSON.stringify(query.documentIds));
    rows.sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1));
    const cutsTie = rows.length === k && k < MAX_NEIGHBOURS && rows.at(-1)!.distance === rows[limit - 1]!.distance;
    if (!cutsTie) return rows.slice(0, limit);
  }
}

function checkVector(vector: Float32Array, dimensions: number): void {
  if (vector.length !== dimensions) {
    throw new BatonError('internal', `A vector has ${vector.length} dimensions instead of ${dimensions}`);
  }
  const length = vector.reduce((sum, value) => sum + value * value, 0);
  if (!(length > 0 && length < Infinity)) throw new BatonError('internal', 'A vector without a direction cannot be compared');
}
