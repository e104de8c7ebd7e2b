import type { MysqlSession, Statement } from './mysql-session.js';
import { displaceable, limitsOf, oldestWanted, type AwaitedPlace, type PlaceView } from './place-book.js';
import type { HeadRow, RunHead } from './run-head.js';
import { HEAD_COLUMNS, headOf } from './run-rows.js';
import type { WriteRequest } from './write-request.js';

type Count = PlaceView['counts'][number];
type Oldest = PlaceView['oldest'][number];

export type PlaceAnswers = [{ id: string }[], Count[], AwaitedPlace[], Oldest[]];
type Question = Statement | null;
type PlaceQuestions = [locks: Question, counts: Question, awaited: Question, oldest: Question];

/** What a batch asks of limits: the lock on each scope first, so that what follows was read under it. A batch without limits asks nothing. */
export function readPlaces(batch: readonly WriteRequest[]): {
  questions: PlaceQuestions;
  answer(answers: PlaceAnswers): PlaceView;
} {
  const limits = limitsOf(batch);
  const scopes = [...new Set(limits.map(({ scope }) => scope))].toSorted();
  const admits = batch.flatMap((request) => (request.kind === 'admit' ? [request.runId] : []));
  return {
    questions: [lockScopes(scopes), countPlaces(scopes), selectAwaited(admits), selectOldest(oldestWanted(limits))],
    answer: ([locked, counts, awaited, oldest]) => ({ locked: new Set(locked.map(({ id }) => id)), counts, awaited, oldest }),
  };
}

/** Locks the runs that the batch may have to displace; those that another transaction has locked are left out. */
export async function lockDisplaceable(
  session: MysqlSession,
  batch: readonly WriteRequest[],
  { places, heads }: { places: PlaceView; heads: ReadonlyMap<string, RunHead> },
): Promise<Map<string, RunHead>> {
  const ids = displaceable(places, limitsOf(batch)).filter((id) => !heads.has(id));
  if (ids.length === 0) return new Map();
  const sql = `SELECT ${HEAD_COLUMNS.join(', ')} FROM runs WHERE id IN (?) ORDER BY id FOR UPDATE SKIP LOCKED`;
  const [rows] = await session.ask<[HeadRow[]]>([{ sql, values: [[...new Set(ids)].toSorted()] }]);
  return new Map(rows.map((row) => [row.id, headOf(row)]));
}

function lockScopes(scopes: readonly string[]): Statement | null {
  if (scopes.length === 0) return null;
  return { sql: 'SELECT id FROM run_scopes WHERE id IN (?) ORDER BY id FOR UPDATE SKIP LOCKED', values: [scopes] };
}

function countPlaces(scopes: readonly string[]): Statement | null {
  if (scopes.length === 0) return null;
  return {
    sql: `SELECT scope_id AS scope, status, COUNT(*) AS n FROM run_places
          WHERE scope_id IN (?) AND status IN ('taken', 'queued') GROUP BY scope_id, status`,
    values: [scopes],
  };
}

function selectAwaited(runIds: readonly string[]): Statement | null {
  if (runIds.length === 0) return null;
  return {
    sql: `SELECT own.run_id AS runId, own.scope_id AS scope, own.status, own.at,
            (SELECT COUNT(*) FROM run_places AS older
             WHERE older.scope_id = own.scope_id AND older.status = 'queued'
               AND (older.at < own.at OR (older.at = own.at AND older.run_id < own.run_id))) AS ahead
          FROM run_places AS own WHERE own.run_id IN (?)`,
    values: [runIds],
  };
}

function selectOldest(wanted: ReadonlyMap<string, number>): Statement | null {
  if (wanted.size === 0) return null;
  const one = `(SELECT scope_id AS scope, run_id AS runId FROM run_places
                WHERE scope_id = ? AND status = 'taken' ORDER BY at, run_id LIMIT ?)`;
  return { sql: [...wanted].map(() => one).join(' UNION ALL '), values: [...wanted].flat() };
}
