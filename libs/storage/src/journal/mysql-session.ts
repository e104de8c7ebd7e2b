import { createConnection, type Connection, type QueryResult, type ResultSetHeader } from 'mysql2';
import type { DatabaseTarget } from '../database-url.js';
import { connectBound } from '../mysql-socket.js';

export type MysqlTarget = Extract<DatabaseTarget, { dialect: 'mysql' }>;

export interface SessionBounds {
  connectTimeoutMs: number;
  statementTimeoutMs: number;
}

/**
 * One MySQL connection of its own, set up for the group commit: the first statement after a COMMIT or ROLLBACK begins a transaction. It is
 * used until it fails, and then thrown away.
 */
export class MysqlSession {
  private lost = false;

  private constructor(
    private readonly connection: Connection,
    /** The step of generated ids: above 1 on some clusters. */
    readonly idStep: number,
  ) {
    const lose = (): void => void (this.lost = true);
    connection.on('error', lose);
    connection.on('end', lose);
  }

  static async open(target: MysqlTarget, bounds: SessionBounds): Promise<MysqlSession> {
    const { host, port, user, password, database } = target;
    const connection = createConnection({
      ...{ user, password, database, charset: 'utf8mb4', connectTimeout: bounds.connectTimeoutMs, timezone: 'Z' },
      stream: () => connectBound(host, port, bounds.statementTimeoutMs),
    });
    // Without a listener the loss of a connection that owes nothing would end the process.
    connection.on('error', () => undefined);
    try {
      return await MysqlSession.prepare(connection, bounds);
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  private static async prepare(connection: Connection, bounds: SessionBounds): Promise<MysqlSession> {
    const [facts] = await query<{ version: string; step: number }[]>(
      connection,
      'SELECT VERSION() AS version, @@auto_increment_increment AS step',
    );
    // The collation of the id columns: so that text in a statement compares as they do, and finds their index.
    const collation = /mariadb/i.test(facts!.version) ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
    await query(connection, `SET NAMES utf8mb4 COLLATE ${collation}`);
    // wait_timeout: a transaction whose client the network has cut off must not keep its locks until the server notices by itself.
    await query(
      connection,
      `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION autocommit = 0,
         SESSION innodb_lock_wait_timeout = 1, SESSION wait_timeout = ${Math.max(1, Math.ceil(bounds.statementTimeoutMs / 1_000))}`,
    );
    await query(connection, 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    return new MysqlSession(connection, facts!.step);
  }

  read<Row>(sql: string, values: readonly unknown[]): Promise<Row[]> {
    return query<Row[]>(this.connection, sql, values);
  }

  async run(sql: string, values: readonly unknown[] = []): Promise<ResultSetHeader> {
    return await query<ResultSetHeader>(this.connection, sql, values);
  }

  /** The connection was ended while it owed nothing: by silence, or by the server. */
  get isLost(): boolean {
    return this.lost;
  }

  destroy(): void {
    this.connection.destroy();
  }
}

function query<Result>(connection: Connection, sql: string, values: readonly unknown[] = []): Promise<Result> {
  return new Promise((resolve, reject) => {
    connection.query(sql, [...values], (error: Error | null, result: QueryResult) => {
      if (error === null) resolve(result as Result);
      else reject(error);
    });
  });
}
