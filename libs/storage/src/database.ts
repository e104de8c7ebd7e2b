import { createHash } from 'node:crypto';
import type BetterSqlite3 from 'better-sqlite3';
import type { Pool } from 'mysql2';
import { DataSource, type EntitySchema, type ObjectLiteral, type QueryRunner, type SelectQueryBuilder } from 'typeorm';
import { migrations } from '../../../migrations/index.js';
import { answeredWithin, untilAvailable } from './backoff.js';
import { storageUnavailable } from './database-failure.js';
import { parseDatabaseUrl, type DatabaseTarget } from './database-url.js';
import { MigrationWatch } from './migration-watch.js';
import { connectBound } from './mysql-socket.js';
import { AgentTable, ChunkTable, DefinitionTable, DocumentTable, TaskTable, WorkflowTable } from './schema.js';

export interface DatabaseOptions {
  /** `mysql://…`, `mariadb://…`, `sqlite:./data/baton.sqlite` or `sqlite::memory:`. */
  url: string;
  /** MySQL connections for reads and plain writes, beside the one of the group commit. Default 10. */
  poolSize?: number;
  /** Milliseconds that connecting may take. Default 3,000. */
  connectTimeoutMs?: number;
  /** Milliseconds that a connection may stay silent while it owes an answer; it is then given up. Default 5,000. */
  statementTimeoutMs?: number;
  /** Milliseconds that a read or a plain write goes on trying while the database is busy or away. Default 5,000. */
  boundMs?: number;
}

const MIGRATION_STATEMENT_MS = 600_000;

/** Without NO_BACKSLASH_ESCAPES, which the driver's escaping of values does not know; and what does not fit is refused, not cut. */
const SET_SQL_MODE = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'";

/** What the banner says of the database. */
export interface DatabaseFacts {
  name: string;
  version: string;
  /** Whether a commit is on the disk when it is acknowledged. Where false, a power cut may lose accepted runs. */
  flushesAtCommit: boolean;
}

/** A statement with its values, as the query builders make it. */
export interface Statement {
  sql: string;
  values: unknown[];
}

/** An open database. On SQLite one connection serves all; on MySQL a pool. */
export class Database {
  private constructor(
    readonly dataSource: DataSource,
    readonly target: DatabaseTarget,
    readonly options: Required<DatabaseOptions>,
  ) {}

  /** @throws BatonError `config_invalid` (the URL) or `storage_unavailable` (no answer within `boundMs`). */
  static async open(options: DatabaseOptions): Promise<Database> {
    const complete = { poolSize: 10, connectTimeoutMs: 3_000, statementTimeoutMs: 5_000, boundMs: 5_000, ...options };
    const target = parseDatabaseUrl(options.url);
    return new Database(await untilAvailable(complete.boundMs, () => connect(target, complete)), target, complete);
  }

  get dialect(): DatabaseTarget['dialect'] {
    return this.target.dialect;
  }

  /** SQLite's connection, for the turns that no other statement may enter. */
  get sqlite(): BetterSqlite3.Database {
    if (this.dialect !== 'sqlite') throw new Error('Not a SQLite database.');
    return (this.dataSource.driver as unknown as { databaseConnection: BetterSqlite3.Database }).databaseConnection;
  }

  /** SQL for the database's own clock in milliseconds: UTC, so that no time zone's clock change moves a lease. */
  get nowSql(): string {
    return this.dialect === 'sqlite'
      ? "CAST(round(unixepoch('subsec') * 1000) AS INTEGER)"
      : "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)";
  }

  /**
   * Goes after the name of a table and says by which index to read it. Left alone, MariaDB walks to a place in the order of an index from its
   * first row, as long as the place is in the first half.
   */
  through(index: string): string {
    return this.dialect === 'sqlite' ? `INDEXED BY ${index}` : `FORCE INDEX (${index})`;
  }

  /** Brings the schema up to date. Processes that start at once do it one after the other. Call it before anything else. */
  async migrate(): Promise<void> {
    if (this.dialect === 'sqlite') await untilAvailable(60_000, () => this.migrateSqlite());
    else await this.migrateMysql();
  }

  /** Reads rows, trying again within the bound while the database is away. */
  read<Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.withinBound(() => this.query<Row>(sql, values));
  }

  /** Reads entities with a query builder, trying again within the bound. */
  select<Row extends ObjectLiteral>(query: SelectQueryBuilder<Row>): Promise<Row[]> {
    return this.withinBound(() => query.getMany());
  }

  /** The statement that inserts these rows. */
  insertStatement<Row extends ObjectLiteral>(table: EntitySchema<Row>, rows: readonly Row[]): Statement {
    const [sql, values] = this.dataSource
      .createQueryBuilder()
      .insert()
      .into(table)
      .values([...rows])
      .getQueryAndParameters();
    return { sql, values };
  }

  async insert<Row extends ObjectLiteral>(table: EntitySchema<Row>, rows: readonly Row[]): Promise<void> {
    await this.write(this.insertStatement(table, rows));
  }

  /** Executes one statement that may be done twice; returns how many rows it matched. */
  async write(statement: Statement): Promise<number> {
    return (await this.writeAll([statement]))[0]!;
  }

  /**
   * Executes statements in one transaction that may be done twice; returns how many rows each matched. Who is told that the bound has passed
   * does not know whether it was done. What is no array is asked for each statement once those before it are done, and anew where it is done twice.
   */
  writeAll(statements: Iterable<Statement>): Promise<number[]> {
    const deadline = performance.now() + this.options.boundMs;
    return this.withinBound(async () =>
      this.dialect === 'sqlite' ? this.writeSqlite(statements) : await this.writeMysql(statements, deadline),
    );
  }

  /**
   * Reads, decides and writes in one transaction that may be done twice. What the reads lock stays as it was read: {@link forUpdate}.
   * `decide` gets the rows of each read, and must be pure.
   */
  transact<T>(
    reads: readonly Statement[],
    decide: (rows: readonly Record<string, unknown>[][]) => { writes: readonly Statement[]; result: T },
  ): Promise<T> {
    const deadline = performance.now() + this.options.boundMs;
    return this.withinBound(async () => {
      if (this.dialect !== 'sqlite') return await this.transactMysql(reads, decide, deadline);
      const { sqlite } = this;
      return sqlite
        .transaction(() => {
          const rows = reads.map(({ sql, values }) => sqlite.prepare(sql).all(...values) as Record<string, unknown>[]);
          const { writes, result } = decide(rows);
          for (const { sql, values } of writes) sqlite.prepare(sql).run(...values);
          return result;
        })
        .immediate();
    });
  }

  /** Goes to the end of a SELECT in a transaction, and locks its rows; SQLite has one writer at a time by itself. */
  get forUpdate(): string {
    return this.dialect === 'sqlite' ? '' : 'FOR UPDATE';
  }

  /** Whether the database answers within `boundMs`. */
  async ping(boundMs = 1_000): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), boundMs);
    });
    const answer = this.dataSource.query('SELECT 1').then(
      () => true,
      () => false,
    );
    return await Promise.race([answer, bound]).finally(() => clearTimeout(timer));
  }

  async facts(): Promise<DatabaseFacts> {
    const flushesAtCommit = (await this.findLossyCommit()) === null;
    if (this.dialect === 'sqlite') {
      const [row] = await this.read<{ version: string }>('SELECT sqlite_version() AS version');
      return { name: 'SQLite', version: row!.version, flushesAtCommit };
    }
    const [row] = await this.read<{ version: string }>('SELECT VERSION() AS version');
    const name = /mariadb/i.test(row!.version) ? 'MariaDB' : 'MySQL';
    return { name, version: row!.version.split('-')[0]!, flushesAtCommit };
  }

  /** Why a power cut may take what was committed, as the database is set now; null: it flushes to the disk at each commit. */
  async findLossyCommit(): Promise<string | null> {
    if (this.dialect === 'sqlite') {
      if (this.sqlite.memory) return 'the database is in memory alone';
      const level = Number(this.sqlite.pragma('synchronous', { simple: true }));
      return level >= 2 ? null : `commits are not flushed to the disk: synchronous = ${level}`;
    }
    const [row] = await this.read<{ flush: number | string; binlog: number | string; sync: number | string }>(
      'SELECT @@innodb_flush_log_at_trx_commit AS flush, @@log_bin AS binlog, @@sync_binlog AS sync',
    );
    const [flush, binlog, sync] = [Number(row!.flush), Number(row!.binlog), Number(row!.sync)];
    if (flush !== 1) return `commits are not flushed to the disk: innodb_flush_log_at_trx_commit = ${flush}`;
    // With a binary log, a commit stands after a crash only if it is in there.
    return binlog === 1 && sync !== 1 ? `the binary log is not flushed to the disk at each commit: sync_binlog = ${sync}` : null;
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  /** Bounded also where a try that began in time, or every connection, waits for an answer that does not come. */
  private withinBound<T>(work: () => Promise<T>): Promise<T> {
    const { boundMs } = this.options;
    return answeredWithin(boundMs, untilAvailable(boundMs, work));
  }

  /** On MySQL by the driver itself: TypeORM would make a runner, and tell its subscribers, for each question. */
  private query<Row>(sql: string, values: readonly unknown[]): Promise<Row[]> {
    if (this.dialect === 'sqlite') return this.dataSource.query<Row[]>(sql, [...values]);
    return new Promise((resolve, reject) => {
      poolOf(this.dataSource).query(sql, [...values], (error, rows) => {
        if (error === null) resolve(rows as Row[]);
        else reject(error);
      });
    });
  }

  private writeSqlite(statements: Iterable<Statement>): number[] {
    const run = ({ sql, values }: Statement): number => this.sqlite.prepare(sql).run(...values).changes;
    return this.sqlite.transaction(() => Array.from(statements, run)).immediate();
  }

  private async transactMysql<T>(
    reads: readonly Statement[],
    decide: (rows: readonly Record<string, unknown>[][]) => { writes: readonly Statement[]; result: T },
    deadline: number,
  ): Promise<T> {
    return await this.onRunner(deadline, async (runner) => {
      await runner.startTransaction('READ COMMITTED');
      const rows: Record<string, unknown>[][] = [];
      for (const { sql, values } of reads) rows.push((await runner.query(sql, values)) as Record<string, unknown>[]);
      const { writes, result } = decide(rows);
      for (const { sql, values } of writes) await runner.query(sql, values);
      await runner.commitTransaction();
      return result;
    });
  }

  private async writeMysql(statements: Iterable<Statement>, deadline: number): Promise<number[]> {
    const isOne = Array.isArray(statements) && statements.length < 2;
    return await this.onRunner(deadline, async (runner) => {
      const matched: number[] = [];
      if (!isOne) await runner.startTransaction('READ COMMITTED');
      for (const { sql, values } of statements) {
        matched.push(((await runner.query(sql, values)) as { affectedRows: number }).affectedRows);
      }
      if (runner.isTransactionActive) await runner.commitTransaction();
      return matched;
    });
  }

  /** A connection of the pool for some statements; what they have begun and not committed is rolled back. */
  private async onRunner<T>(deadline: number, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    await connectBefore(deadline, runner);
    try {
      return await work(runner);
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** DDL in SQLite is transactional: all of it stands, or none. */
  private async migrateSqlite(): Promise<void> {
    this.sqlite.exec('BEGIN IMMEDIATE');
    try {
      await this.dataSource.runMigrations({ transaction: 'none' });
      this.sqlite.exec('COMMIT');
    } catch (error) {
      if (this.sqlite.inTransaction) this.sqlite.exec('ROLLBACK');
      throw error;
    }
  }

  /** DDL commits by itself in MySQL: one process at a time, under a named lock, on connections whose statements may take long. */
  private async migrateMysql(): Promise<void> {
    const { boundMs } = this.options;
    const patient = { ...this.options, statementTimeoutMs: MIGRATION_STATEMENT_MS, poolSize: 2 };
    const dataSource = await untilAvailable(boundMs, () => connect(this.target, patient));
    const watch = new MigrationWatch(poolOf(dataSource), (ids) => this.connectionsServed(ids));
    const lock = createHash('sha256')
      .update(`baton migrate ${dataSource.options.database as string}`)
      .digest('hex');
    const runner = dataSource.createQueryRunner();
    try {
      const [row] = (await runner.query('SELECT GET_LOCK(?, 60) AS held', [lock])) as [{ held: number | string | null }];
      if (Number(row.held) !== 1) throw storageUnavailable('Another process has been migrating the database for a minute.');
      // The lock stands as long as its connection, which only waits from here on.
      watch.excuse();
      await dataSource.runMigrations({ transaction: 'none' });
    } finally {
      await watch.stop();
      // The lock ends with the connection.
      await runner.release();
      await answeredWithin(boundMs, dataSource.destroy());
    }
  }

  /** Those of these connections for which the server is at work. */
  private async connectionsServed(ids: readonly number[]): Promise<Set<number>> {
    const busy = await this.read<{ id: number | string }>(
      `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE COMMAND <> 'Sleep' AND ID IN (${ids.map(() => '?').join(', ')})`,
      ids,
    );
    return new Set(busy.map(({ id }) => Number(id)));
  }
}

/** Opens a database; see {@link Database.open}. */
export function openDatabase(options: DatabaseOptions): Promise<Database> {
  return Database.open(options);
}

/** Waits for a connection of the pool; one that comes after the deadline goes back unused. */
async function connectBefore(deadline: number, runner: QueryRunner): Promise<void> {
  const connected = runner.connect();
  try {
    await answeredWithin(Math.max(0, deadline - performance.now()), connected);
  } catch (error) {
    connected.then(() => runner.release()).catch(() => undefined);
    throw error;
  }
}

async function connect(target: DatabaseTarget, options: Required<DatabaseOptions>): Promise<DataSource> {
  const dataSource = await dataSourceOf(target, options).initialize();
  if (target.dialect === 'sqlite') return dataSource;
  // What a connection is asked first, it does first.
  poolOf(dataSource).on('connection', (connection) =>
    connection.query(SET_SQL_MODE, (error) => void (error && connection.destroy())),
  );
  try {
    // The one that there is already.
    await dataSource.query(SET_SQL_MODE);
    return dataSource;
  } catch (error) {
    await dataSource.destroy().catch(() => undefined);
    throw error;
  }
}

function poolOf({ driver }: DataSource): Pool {
  return (driver as unknown as { pool: Pool }).pool;
}

function dataSourceOf(target: DatabaseTarget, options: Required<DatabaseOptions>): DataSource {
  const common = {
    entities: [AgentTable, TaskTable, WorkflowTable, DocumentTable, ChunkTable, DefinitionTable],
    migrations,
    synchronize: false,
    logging: false,
  };
  if (target.dialect === 'sqlite') {
    return new DataSource({
      ...common,
      type: 'better-sqlite3',
      database: target.file,
      // Busy is answered at once and waited out asynchronously: a synchronous wait would stop the whole process.
      timeout: 0,
      enableWAL: target.file !== ':memory:',
      prepareDatabase: (connection: BetterSqlite3.Database) => {
        connection.pragma('synchronous = FULL');
      },
    });
  }
  const { host, port, user, password, database } = target;
  return new DataSource({
    ...common,
    type: 'mysql',
    ...{ host, port, username: user, password, database, charset: 'utf8mb4', timezone: 'Z' },
    ...{ poolSize: options.poolSize, connectTimeout: options.connectTimeoutMs },
    ...{ supportBigNumbers: true, bigNumberStrings: false },
    extra: { stream: () => connectBound(host, port, options.statementTimeoutMs) },
  });
}
