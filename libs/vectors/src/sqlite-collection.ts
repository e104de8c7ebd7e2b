import type Database from 'better-sqlite3';
import type { VectorPoint, VectorQuery } from '@baton/core';
import { cutTies } from './cut-ties.js';

/** The most neighbours that sqlite-vec gives in one search. */
export const MAX_NEIGHBOURS = 4_096;
/** Vectors of one tenant in a block: the smallest space that a tenant takes, and the step in which it grows. */
const BLOCK_VECTORS = 128;

interface HitRow {
  id: string;
  documentId: string;
  score: number;
  payload: string;
}

/** Makes the tables of a collection, named by its number. */
export function createCollectionTables(db: Database.Database, number: number, dimensions: number): void {
  db.exec(`
    CREATE TABLE points_${number} (
      point INTEGER PRIMARY KEY,
      tenant_id TEXT NOT NULL,
      id TEXT NOT NULL,
      document_id TEXT NOT NULL,
      payload TEXT NOT NULL,
      UNIQUE (tenant_id, id)
    );
    CREATE INDEX points_${number}_by_document ON points_${number} (tenant_id, document_id);
    CREATE VIRTUAL TABLE vectors_${number} USING vec0 (
      point INTEGER PRIMARY KEY,
      tenant_id TEXT PARTITION KEY,
      embedding FLOAT[${dimensions}] DISTANCE_METRIC=cosine,
      chunk_size=${BLOCK_VECTORS}
    );
  `);
}

export function dropCollectionTables(db: Database.Database, number: number): void {
  db.exec(`DROP TABLE points_${number}; DROP TABLE vectors_${number}`);
}

/** The statements of one collection. All of its work is synchronous: the caller puts it into transactions. */
export class SqliteCollection {
  private readonly statements: ReturnType<typeof prepareStatements>;

  constructor(
    db: Database.Database,
    number: number,
    readonly dimensions: number,
  ) {
    this.statements = prepareStatements(db, `points_${number}`, `vectors_${number}`);
  }

  put(point: VectorPoint): void {
    const { find, insertPoint, insertVector, updatePoint, updateVector } = this.statements;
    const payload = JSON.stringify(point.payload);
    const existing = find.get(point.tenantId, point.id);
    if (existing === undefined) {
      const { lastInsertRowid } = insertPoint.run(point.tenantId, point.id, point.documentId, payload);
      insertVector.run(BigInt(lastInsertRowid), point.tenantId, point.vector);
    } else {
      // In place: sqlite-vec does not fill the gap that a deleted vector leaves.
      updatePoint.run(point.documentId, payload, existing.point);
      updateVector.run(point.vector, BigInt(existing.point));
    }
  }

  /**
   * The best `limit` rows, ties by id. sqlite-vec breaks ties as it likes, so the search goes on until the last row asked for differs
   * from the last one wanted; only among more than {@link MAX_NEIGHBOURS} equal vectors is the choice sqlite-vec's.
   */
  nearest({ tenantId, vector, documentIds }: VectorQuery, limit: number): HitRow[] {
    const { nearest, nearestOf } = this.statements;
    for (let wanted = limit + 1; ; wanted *= 2) {
      const asked = Math.min(wanted, MAX_NEIGHBOURS);
      const rows =
        documentIds === undefined
          ? nearest.all(vector, asked, tenantId)
          : nearestOf.all(vector, asked, tenantId, tenantId, JSON.stringify(documentIds));
      const best = cutTies(rows, limit, asked);
      if (best !== null) return best;
      if (asked === MAX_NEIGHBOURS) return rows.slice(0, limit);
    }
  }

  removeDocument(tenantId: string, documentId: string): void {
    this.statements.removeVectorsOf.run(tenantId, documentId);
    this.statements.removePointsOf.run(tenantId, documentId);
  }

  removeTenant(tenantId: string): void {
    this.statements.removeVectors.run(tenantId);
    this.statements.removePoints.run(tenantId);
  }

  count(tenantId: string, documentId?: string): number {
    const { count, countOf } = this.statements;
    return (documentId === undefined ? count.get(tenantId) : countOf.get(tenantId, documentId))!.points;
  }
}

function prepareStatements(db: Database.Database, points: string, vectors: string) {
  const neighbours = (filter: string): string => `
    SELECT points.id AS id, points.document_id AS documentId, 1 - near.distance AS score, points.payload AS payload
    FROM (SELECT point, distance FROM ${vectors} WHERE embedding MATCH ? AND k = ? AND tenant_id = ? ${filter}) AS near
    JOIN ${points} AS points ON points.point = near.point`;
  const ofTenant = `SELECT point FROM ${points} WHERE tenant_id = ?`;
  const ofDocument = `${ofTenant} AND document_id = ?`;
  return {
    find: db.prepare<[string, string], { point: number }>(`${ofTenant} AND id = ?`),
    insertPoint: db.prepare<[string, string, string, string]>(
      `INSERT INTO ${points} (tenant_id, id, document_id, payload) VALUES (?, ?, ?, ?)`,
    ),
    updatePoint: db.prepare<[string, string, number]>(`UPDATE ${points} SET document_id = ?, payload = ? WHERE point = ?`),
    insertVector: db.prepare<[bigint, string, Float32Array]>(
      `INSERT INTO ${vectors} (point, tenant_id, embedding) VALUES (?, ?, ?)`,
    ),
    updateVector: db.prepare<[Float32Array, bigint]>(`UPDATE ${vectors} SET embedding = ? WHERE point = ?`),
    removeVectorsOf: db.prepare<[string, string]>(`DELETE FROM ${vectors} WHERE point IN (${ofDocument})`),
    removePointsOf: db.prepare<[string, string]>(`DELETE FROM ${points} WHERE tenant_id = ? AND document_id = ?`),
    removeVectors: db.prepare<[string]>(`DELETE FROM ${vectors} WHERE point IN (${ofTenant})`),
    removePoints: db.prepare<[string]>(`DELETE FROM ${points} WHERE tenant_id = ?`),
    count: db.prepare<[string], { points: number }>(`SELECT count(*) AS points FROM (${ofTenant})`),
    countOf: db.prepare<[string, string], { points: number }>(`SELECT count(*) AS points FROM (${ofDocument})`),
    nearest: db.prepare<[Float32Array, number, string], HitRow>(neighbours('')),
    nearestOf: db.prepare<[Float32Array, number, string, string, string], HitRow>(
      neighbours(`AND point IN (${ofTenant} AND document_id IN (SELECT value FROM json_each(?)))`),
    ),
  };
}
