import { RunPlaces, type LimitLoad, type PlaceInLine, type RunInLine, type RunLimit } from '@baton/core';
import type { Database } from './database.js';

const SCOPE_SELECT = [
  'run_scopes.id AS scope',
  'run_scopes.tenant_id AS tenantId',
  'run_scopes.kind',
  'run_scopes.name',
  'run_scopes.capacity',
  'run_scopes.on_limit AS onLimit',
].join(', ');

/** {@link RunPlaces} on MySQL, MariaDB and SQLite. */
export class SqlRunPlaces extends RunPlaces {
  constructor(private readonly database: Database) {
    super();
  }

  async firstInLine(scope: string, limit: number): Promise<RunInLine[]> {
    const [state] = await this.database.read<{ capacity: number; taken: number }>(
      `SELECT capacity, ${placesIn('taken')} AS taken FROM run_scopes WHERE id = ?`,
      [scope],
    );
    const free = state === undefined ? 0 : Math.min(limit, state.capacity - state.taken);
    if (free <= 0) return [];
    const first = await this.database.read<{ runId: string }>(
      "SELECT run_id AS runId FROM run_places WHERE scope_id = ? AND status = 'queued' ORDER BY at, run_id LIMIT ?",
      [scope, free],
    );
    const limits = await this.limitsOf(first.map(({ runId }) => runId));
    return first.map(({ runId }) => ({ runId, limits: limits.get(runId) ?? [] }));
  }

  async scopesWithLine({ after = '', limit }: { after?: string; limit: number }): Promise<string[]> {
    const rows = await this.database.read<{ scope: string }>(
      `SELECT DISTINCT scope_id AS scope FROM run_places WHERE status = 'queued' AND scope_id > ? ORDER BY scope_id LIMIT ?`,
      [after, limit],
    );
    return rows.map(({ scope }) => scope);
  }

  async list(tenantId: string, limit: number): Promise<LimitLoad[]> {
    return await this.database.read<LimitLoad>(
      `SELECT ${SCOPE_SELECT}, ${placesIn('taken')} AS taken, ${placesIn('queued')} AS waiting
       FROM run_scopes WHERE tenant_id = ? ORDER BY kind, taken DESC, id LIMIT ?`,
      [tenantId, limit],
    );
  }

  async placeInLine(runId: string): Promise<PlaceInLine | null> {
    const [row] = await this.database.read<RunLimit & { taken: number; ahead: number; since: number }>(
      `SELECT ${SCOPE_SELECT}, own.at AS since, ${placesIn('taken')} AS taken,
         (SELECT COUNT(*) FROM run_places AS older
          WHERE older.scope_id = own.scope_id AND older.status = 'queued'
            AND (older.at < own.at OR (older.at = own.at AND older.run_id < own.run_id))) AS ahead
       FROM run_places AS own JOIN run_scopes ON run_scopes.id = own.scope_id WHERE own.run_id = ? AND own.status = 'queued'`,
      [runId],
    );
    if (row === undefined) return null;
    const { taken, ahead, since, ...limit } = row;
    return { limit, taken, ahead, since };
  }

  private async limitsOf(runIds: readonly string[]): Promise<Map<string, RunLimit[]>> {
    if (runIds.length === 0) return new Map();
    const rows = await this.database.read<RunLimit & { runId: string }>(
      `SELECT run_places.run_id AS runId, ${SCOPE_SELECT} FROM run_places JOIN run_scopes ON run_scopes.id = run_places.scope_id
       WHERE run_places.run_id IN (${runIds.map(() => '?').join(', ')}) ORDER BY run_scopes.id`,
      runIds,
    );
    const byRun = new Map<string, RunLimit[]>();
    for (const { runId, ...limit } of rows) byRun.set(runId, [...(byRun.get(runId) ?? []), limit]);
    return byRun;
  }
}

/** The number of places of a scope with this status; an index alone answers it. */
function placesIn(status: 'taken' | 'queued'): string {
  return `(SELECT COUNT(*) FROM run_places WHERE run_places.scope_id = run_scopes.id AND run_places.status = '${status}')`;
}
