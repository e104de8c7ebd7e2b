import { LOG_LEVELS } from '@baton/core';
import { bytes, choice, MIB, milliseconds, variable, wholeNumber } from './config-kinds.js';

/** What is kept of the lines that nodes log. */
export const logs = {
  runLogLevel: variable(
    'RUN_LOG_LEVEL',
    choice(...LOG_LEVELS, 'off'),
    'info',
    'The least serious lines of nodes that are kept with their runs; `off`: none.',
  ),
  runLogFlushMs: variable(
    'RUN_LOG_FLUSH_MS',
    milliseconds(10, 60_000),
    '500',
    'How long a line waits in its worker for others, with which it is written: what a killed worker loses at most.',
  ),
  runLogAttemptLines: variable(
    'RUN_LOG_ATTEMPT_LINES',
    wholeNumber(1, 1_000_000),
    '1000',
    'Lines that one attempt of a node may log; the others are dropped and counted.',
  ),
  runLogAttemptBytes: variable(
    'RUN_LOG_ATTEMPT_BYTES',
    bytes(1_024, 1_024 * MIB),
    '262144',
    'Bytes of lines that one attempt of a node may log.',
  ),
  runLogRunLines: variable('RUN_LOG_RUN_LINES', wholeNumber(1, 10_000_000), '10000', 'Lines that are kept of one run.'),
  runLogRunBytes: variable('RUN_LOG_RUN_BYTES', bytes(1_024, 1_024 * MIB), '4194304', 'Bytes of lines that are kept of one run.'),
  runLogWaitingBytes: variable(
    'RUN_LOG_WAITING_BYTES',
    bytes(1_024, 1_024 * MIB),
    '8388608',
    'Memory of lines of all runs of a worker that wait to be written, 200 bytes for each besides its text; what comes beyond is dropped and counted.',
  ),
};
