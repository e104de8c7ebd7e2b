import { createConnection, type Connection, type QueryResult, type ResultSetHeader } from 'mysql2';
import { dropValues } from '../database-failure.js';
import type { DatabaseTarget } from '../database-url.js';
import { connectBound } from '../mysql-socket.js';
import { statementText } from './statement-text.js';

export type MysqlTarget = Extract<DatabaseTarget, { dialect: 'mysql' }>;

export interface SessionBounds {
  connectTimeoutMs: number;
  statementTimeoutMs: number;
}

/** A constant text with placeholders, and what {@link statementText} puts in their place, escaped: never text put together by hand. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** A statement that changes rows; `done` hears what it did. */
export interface Write extends Statement {
  readonly done?: (result: ResultSetHeader) => void;
}

/**
 * One MySQL connection of its own, set up for the group commit: the first statement after a COMMIT or ROLLBACK begins a transaction. It is
 * used until it fails, and then thrown away.
 *
 * Statements that need no answer of each other travel together. The server executes them in order and stops at the first that fails: what
 * follows it, COMMIT above all, is not executed.
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
      multipleStatements: true,
      queryFormat: (sql: string, values?: readonly unknown[]) => statementText(sql, values ?? []),
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
    // sql_mode: without NO_BACKSLASH_ESCAPES, which the driver's escaping does not know.
    // wait_timeout: a transaction whose client the network has cut off must not keep its locks until the server notices by itself.
    // lock_wait_timeout: nor may a statement that waits for an ALTER TABLE be executed after its client has given it up.
    const [wait, waitForTable] = [bounds.statementTimeoutMs / 1_000, bounds.statementTimeoutMs / 1_000 - 1].map((seconds) =>
      Math.max(1, Math.ceil(seconds)),
    );
    await query(
      connection,
      `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION autocommit = 0,
         SESSION innodb_lock_wait_timeout = 1, SESSION wait_timeout = ${wait}, SESSION lock_wait_timeout = ${waitForTable}`,
    );
    await query(connection, 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    return new MysqlSession(connection, facts!.step);
  }

  /** Asks all questions in one round trip; the rows of each, in order. Null asks nothing and has no rows. */
  async ask<Rows extends unknown[][]>(questions: { [Index in keyof Rows]: Statement | null }): Promise<Rows> {
    const answers = await this.send(questions.filter((question) => question !== null));
    return questions.map((question) => (question === null ? [] : answers.shift())) as Rows;
  }

  /**
   * Writes and commits in one round trip; the result of each statement, in order. When it throws, nothing was committed, or the connection was
   * lost and nobody knows.
   */
  async commit(writes: readonly Write[]): Promise<unknown[]> {
    const results = await this.send([...writes, { sql: 'COMMIT', values: [] }]);
    writes.forEach(({ done }, index) => done?.(results[index] as ResultSetHeader));
    return results.slice(0, -1);
  }

  async rollBack(): Promise<void> {
    await this.send([{ sql: 'ROLLBACK', values: [] }]);
  }

  /** The connection was ended while it owed nothing: by silence, or by the server. */
  get isLost(): boolean {
    return this.lost;
  }

  destroy(): void {
    this.connection.destroy();
  }

  /** The result of each statement, in order. */
  private async send(statements: readonly Statement[]): Promise<unknown[]> {
    if (statements.length === 0) return [];
    const sql = statements.map((statement) => statement.sql).join('; ');
    const values = statements.flatMap((statement) => statement.values);
    const results = await query<unknown>(this.connection, sql, values);
    return statements.length === 1 ? [results] : (results as unknown[]);
  }
}

function query<Result>(connection: Connection, sql: string, values: readonly unknown[] = []): Promise<Result> {
  return new Promise((resolve, reject) => {
    connection.query(sql, [...values], (error: Error | null, result: QueryResult) => {
      if (error === null) return resolve(result as Result);
      dropValues(error);
      reject(error);
    });
  });
}
