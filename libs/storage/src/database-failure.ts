import { BatonError } from '@baton/core';

/**
 * What an error of a database means for the statement that met it:
 * `duplicate`: a unique key is taken; `contention`: rolled back for another's sake (lock, deadlock, busy), try again;
 * `unavailable`: the database did not answer, or its answer was lost; `other`: the statement is at fault.
 */
export type FailureKind = 'duplicate' | 'contention' | 'unavailable' | 'other';

/** Duplicate entry; also of a partitioned key name. */
const MYSQL_DUPLICATE: ReadonlySet<number> = new Set([1062, 1586]);
/** Lock wait timeout, deadlock, record changed since last read. */
const MYSQL_CONTENTION: ReadonlySet<number> = new Set([1205, 1213, 1020]);
/** Too many connections, shutdown, disk full, table full, an error below the tables, killed, interrupted, read-only after a failover. */
const MYSQL_UNAVAILABLE: ReadonlySet<number> = new Set([
  ...[1021, 1030, 1040, 1053, 1077, 1079, 1114, 1203, 1226, 1290, 1317, 1836, 1927, 1969, 3024, 3032, 4031],
]);
/**
 * The server says that a table or an index of its own is damaged, as after a full disk: the statement is not at fault, and what it is for
 * goes on once somebody has repaired or restored it.
 */
const MYSQL_DAMAGED: ReadonlySet<number> = new Set([1034, 1194, 1195, 1712, 1817, 1877]);
const SYSTEM_UNAVAILABLE: ReadonlySet<string> = new Set([
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNABORTED',
  ],
  ...['PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT', 'PROTOCOL_PACKETS_OUT_OF_ORDER'],
]);

interface DriverError {
  code?: unknown;
  errno?: unknown;
  fatal?: unknown;
  message?: unknown;
}

export function failureKind(error: unknown): FailureKind {
  if (error instanceof BatonError) return error.code === 'storage_unavailable' ? 'unavailable' : 'other';
  const { code, errno, fatal, message } = driverErrorOf(error);
  if (typeof code === 'string' && code.startsWith('SQLITE_')) return sqliteFailureKind(code);
  if (typeof errno === 'number') {
    if (MYSQL_DUPLICATE.has(errno)) return 'duplicate';
    if (MYSQL_CONTENTION.has(errno)) return 'contention';
    if (MYSQL_UNAVAILABLE.has(errno) || MYSQL_DAMAGED.has(errno)) return 'unavailable';
  }
  const lost = fatal === true || (typeof code === 'string' && SYSTEM_UNAVAILABLE.has(code));
  return lost || message === 'Pool is closed.' ? 'unavailable' : 'other';
}

/** Whether the database says that its own files are damaged. */
export function isDamage(error: unknown): boolean {
  const { code, errno } = driverErrorOf(error);
  return (typeof errno === 'number' && MYSQL_DAMAGED.has(errno)) || isSqliteDamage(code);
}

function isSqliteDamage(code: unknown): boolean {
  return typeof code === 'string' && (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB');
}

function sqliteFailureKind(code: string): FailureKind {
  if (code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'SQLITE_CONSTRAINT_UNIQUE') return 'duplicate';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'contention';
  if (code.startsWith('SQLITE_FULL') || code.startsWith('SQLITE_IOERR') || code === 'SQLITE_CANTOPEN' || isSqliteDamage(code))
    return 'unavailable';
  return 'other';
}

/**
 * Takes from an error the values of its statement, which drivers put there: they are payloads and secrets of callers, and errors are logged. TypeORM's
 * text of the statement stays, which has none.
 */
export function dropValues(error: unknown): void {
  for (const one of [error, driverErrorOf(error)]) {
    if (!(one instanceof Error)) continue;
    Reflect.deleteProperty(one, 'sql');
    Reflect.deleteProperty(one, 'parameters');
  }
}

/** The driver's own error, which TypeORM wraps. */
function driverErrorOf(error: unknown): DriverError {
  if (typeof error !== 'object' || error === null) return {};
  if ('driverError' in error && typeof error.driverError === 'object' && error.driverError !== null) return error.driverError;
  return error;
}

export function storageUnavailable(detail: string, cause?: unknown): BatonError {
  return new BatonError('storage_unavailable', detail, {}, { cause, retryAfterSeconds: 1 });
}
