import { expect, test } from '@jest/globals';
import { failureKind, isDamage, storageUnavailable } from './database-failure.js';

test.each([
  [{ errno: 1062, code: 'ER_DUP_ENTRY' }, 'duplicate'],
  [{ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' }, 'duplicate'],
  [{ code: 'SQLITE_CONSTRAINT_NOTNULL' }, 'other'],
  [{ errno: 1213, code: 'ER_LOCK_DEADLOCK' }, 'contention'],
  [{ errno: 1205, code: 'ER_LOCK_WAIT_TIMEOUT' }, 'contention'],
  [{ code: 'SQLITE_BUSY' }, 'contention'],
  [{ code: 'SQLITE_BUSY_SNAPSHOT' }, 'contention'],
  [{ code: 'SQLITE_FULL' }, 'unavailable'],
  [{ code: 'SQLITE_IOERR_WRITE' }, 'unavailable'],
  [{ code: 'ECONNREFUSED', errno: -111 }, 'unavailable'],
  [{ code: 'PROTOCOL_CONNECTION_LOST', fatal: true }, 'unavailable'],
  [{ errno: 1290, code: 'ER_OPTION_PREVENTS_STATEMENT' }, 'unavailable'],
  [{ errno: 1034, code: 'ER_NOT_KEYFILE' }, 'unavailable'],
  [{ code: 'SQLITE_CORRUPT_INDEX' }, 'unavailable'],
  [{ message: "Can't add new command when connection is in closed state", fatal: true }, 'unavailable'],
  [{ errno: 1406, code: 'ER_DATA_TOO_LONG' }, 'other'],
  [{ driverError: { errno: 1062 } }, 'duplicate'],
  [storageUnavailable('away'), 'unavailable'],
  [new Error('no'), 'other'],
  ['text', 'other'],
  [null, 'other'],
] as const)('%j is %s', (error, kind) => {
  expect(failureKind(error)).toBe(kind);
});

test.each([
  [{ errno: 1034, code: 'ER_NOT_KEYFILE' }, true],
  [{ driverError: { errno: 1712 } }, true],
  [{ code: 'SQLITE_CORRUPT' }, true],
  [{ errno: 1114, code: 'ER_RECORD_FILE_FULL' }, false],
  [{ errno: 1030, code: 'ER_GET_ERRNO' }, false],
  [{ code: 'SQLITE_FULL' }, false],
  [new Error('no'), false],
] as const)('%j tells of damage: %s', (error, expected) => {
  expect(isDamage(error)).toBe(expected);
});
