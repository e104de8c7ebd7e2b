import {
  CircuitStore,
  closedCircuit,
  type Circuit,
  type TargetCalls,
  type TargetHealth,
  type TargetKey,
  type TargetQuery,
} from '@baton/core';
import { failureKind } from './database-failure.js';
import type { Database } from './database.js';

interface CircuitRow extends Omit<Circuit, 'probe'> {
  probeToken: string | null;
  probeUntil: number | null;
}

/** A target of the health report: the columns of its circuit are null where it has none. */
type HealthRow = { [K in keyof CircuitRow]: CircuitRow[K] | null } & TargetKey & {
    calls: number | string | null;
    failed: number | string | null;
    totalMs: number | string | null;
    maxMs: number | string | null;
  };

const COLUMNS = `failures, opened_at AS openedAt, open_until AS openUntil, probe_token AS probeToken, probe_until AS probeUntil,
  last_error AS lastError, failed_at AS failedAt, changed_at AS changedAt, revision`;

/** Rows of one statement. */
const ROWS_AT_ONCE = 200;

/** {@link CircuitStore} on MySQL, MariaDB and SQLite. */
export class SqlCircuitStore extends CircuitStore {
  constructor(private readonly database: Database) {
    super();
  }

  async listTroubled(limit: number): Promise<Circuit[]> {
    const rows = await this.database.read<CircuitRow>(
      `SELECT tenant_id AS tenantId, target, ${COLUMNS} FROM circuits WHERE failures > 0 ORDER BY changed_at DESC LIMIT ?`,
      [limit],
    );
    return rows.map(circuitOf);
  }

  async find({ tenantId, target }: TargetKey): Promise<Circuit | null> {
    const [row] = await this.database.read<CircuitRow>(
      `SELECT tenant_id AS tenantId, target, ${COLUMNS} FROM circuits WHERE tenant_id = ? AND target = ?`,
      [tenantId, target],
    );
    return row === undefined ? null : circuitOf(row);
  }

  async replace(circuit: Circuit): Promise<boolean> {
    return circuit.revision === 0 ? this.insert(circuit) : this.update(circuit);
  }

  async addCalls(calls: readonly TargetCalls[]): Promise<void> {
    const isSqlite = this.database.dialect === 'sqlite';
    const conflict = isSqlite ? 'ON CONFLICT (tenant_id, target, minute_at) DO UPDATE SET' : 'ON DUPLICATE KEY UPDATE';
    const taken = (name: string): string => (isSqlite ? `excluded.${name}` : `VALUES(${name})`);
    const sums = ['calls', 'failures', 'total_ms'].map((name) => `${name} = target_calls.${name} + ${taken(name)}`);
    const greatest = `max_ms = ${isSqlite ? 'max' : 'GREATEST'}(target_calls.max_ms, ${taken('max_ms')})`;
    for (let start = 0; start < calls.length; start += ROWS_AT_ONCE) {
      const rows = calls.slice(start, start + ROWS_AT_ONCE);
      await this.database.write({
        sql: `INSERT INTO target_calls (tenant_id, target, minute_at, calls, failures, total_ms, max_ms)
              VALUES ${rows.map(() => '(?, ?, ?, ?, ?, ?, ?)').join(', ')} ${conflict} ${[...sums, greatest].join(', ')}`,
        values: rows.flatMap((row) => [
          ...[row.tenantId, row.target, row.minuteAt],
          ...[row.calls, row.failures, Math.round(row.totalMs), Math.round(row.maxMs)],
        ]),
      });
    }
  }

  async list({ tenantId, since, targets, after = '', limit }: TargetQuery): Promise<TargetHealth[]> {
    if (targets?.length === 0) return [];
    const named = targets === undefined ? '' : ` AND target IN (${targets.map(() => '?').join(', ')})`;
    const page = `tenant_id = ? AND target > ?${named}`;
    const pageValues = [tenantId, after, ...(targets ?? [])];
    const rows = await this.database.read<HealthRow>(
      `SELECT names.target, ${COLUMNS.replaceAll(/(^|, )(?=[a-z])/g, '$1circuits.')},
         counted.calls, counted.failed, counted.totalMs, counted.maxMs
       FROM (SELECT target FROM circuits WHERE ${page}
             UNION SELECT target FROM target_calls WHERE ${page} AND minute_at >= ?) AS names
       LEFT JOIN circuits ON circuits.tenant_id = ? AND circuits.target = names.target
       LEFT JOIN (SELECT target, sum(calls) AS calls, sum(failures) AS failed, sum(total_ms) AS totalMs, max(max_ms) AS maxMs
                  FROM target_calls WHERE ${page} AND minute_at >= ? GROUP BY target) AS counted ON counted.target = names.target
       ORDER BY names.target LIMIT ?`,
      [...pageValues, ...pageValues, since, tenantId, ...pageValues, since, limit],
    );
    return rows.map((row) => healthOf(tenantId, row));
  }

  async forget(before: number): Promise<void> {
    await this.database.writeAll([
      { sql: 'DELETE FROM target_calls WHERE minute_at < ?', values: [before] },
      { sql: 'DELETE FROM circuits WHERE failures = 0 AND changed_at < ?', values: [before] },
    ]);
  }

  private async insert(circuit: Circuit): Promise<boolean> {
    try {
      await this.database.write({
        sql: `INSERT INTO circuits (failures, opened_at, open_until, probe_token, probe_until, last_error, failed_at, changed_at,
                revision, tenant_id, target) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`,
        values: [...valuesOf(circuit), circuit.tenantId, circuit.target],
      });
      return true;
    } catch (error) {
      if (failureKind(error) === 'duplicate') return false;
      throw error;
    }
  }

  private async update(circuit: Circuit): Promise<boolean> {
    const matched = await this.database.write({
      sql: `UPDATE circuits SET failures = ?, opened_at = ?, open_until = ?, probe_token = ?, probe_until = ?, last_error = ?,
              failed_at = ?, changed_at = ?, revision = revision + 1 WHERE tenant_id = ? AND target = ? AND revision = ?`,
      values: [...valuesOf(circuit), circuit.tenantId, circuit.target, circuit.revision],
    });
    return matched === 1;
  }
}

function valuesOf({ failures, openedAt, openUntil, probe, lastError, failedAt, changedAt }: Circuit): unknown[] {
  return [failures, openedAt, openUntil, probe?.token ?? null, probe?.until ?? null, lastError, failedAt, changedAt];
}

function circuitOf({ probeToken, probeUntil, ...row }: CircuitRow): Circuit {
  return { ...row, probe: probeToken === null || probeUntil === null ? null : { token: probeToken, until: probeUntil } };
}

function healthOf(tenantId: string, { calls, failed, totalMs, maxMs, ...row }: HealthRow): TargetHealth {
  const { target, revision } = row;
  const circuit = revision === null ? closedCircuit({ tenantId, target }) : circuitOf({ ...(row as CircuitRow), tenantId });
  const made = Number(calls ?? 0);
  return {
    circuit,
    calls: made,
    failures: Number(failed ?? 0),
    averageMs: made === 0 ? null : Number(totalMs) / made,
    maxMs: maxMs === null ? null : Number(maxMs),
  };
}
