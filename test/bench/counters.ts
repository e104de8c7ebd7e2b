import { Redis } from 'ioredis';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { readFileSync } from 'node:fs';
import type { Service } from '../support/services.js';

/** Figures that only rise, by name; what a measurement cost is a difference of two readings. */
export type Counters = Record<string, number>;

const SQL_STATUS = {
  Questions: 'sql_statements',
  Com_commit: 'sql_commits',
  Com_select: 'sql_selects',
  Com_insert: 'sql_inserts',
  Com_update: 'sql_updates',
  Innodb_rows_inserted: 'sql_rows_inserted',
  Innodb_os_log_written: 'sql_log_bytes',
  Innodb_data_fsyncs: 'sql_fsyncs',
  Bytes_received: 'sql_bytes_in',
  Bytes_sent: 'sql_bytes_out',
} as const;

const REDIS_INFO = {
  total_commands_processed: 'redis_commands',
  total_net_input_bytes: 'redis_bytes_in',
  total_net_output_bytes: 'redis_bytes_out',
} as const;

/** Reads the status of the stage's servers over connections of its own. */
export class ServerCounters {
  private constructor(
    private readonly sql: Connection | null,
    private readonly redis: Redis | null,
  ) {}

  static async connect(sql: Service | null, redis: Service | null): Promise<ServerCounters> {
    return new ServerCounters(sql && (await createConnection(sql.url)), redis && new Redis(redis.url));
  }

  async read(): Promise<Counters> {
    return { ...(await this.readSql()), ...(await this.readRedis()) };
  }

  async close(): Promise<void> {
    await this.sql?.end();
    this.redis?.disconnect();
  }

  private async readSql(): Promise<Counters> {
    if (this.sql === null) return {};
    const [rows] = await this.sql.query<(RowDataPacket & { Variable_name: string; Value: string })[]>('SHOW GLOBAL STATUS');
    const status = new Map(rows.map((row) => [row.Variable_name, Number(row.Value)]));
    return Object.fromEntries(
      Object.entries(SQL_STATUS).flatMap(([name, key]) => (status.has(name) ? [[key, status.get(name)!]] : [])),
    );
  }

  private async readRedis(): Promise<Counters> {
    if (this.redis === null) return {};
    const info = await this.redis.info('stats');
    return Object.fromEntries(
      Object.entries(REDIS_INFO).map(([name, key]) => [key, Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1])]),
    );
  }
}

/** Bytes that a process has written towards a disk. */
export function writtenBytes(pid: number): number {
  return Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0);
}

/** What was counted between two readings. */
export function difference(after: Counters, before: Counters): Counters {
  return Object.fromEntries(Object.entries(after).map(([key, value]) => [key, value - (before[key] ?? 0)]));
}
