import { pino, stdTimeFunctions, type DestinationStream } from 'pino';
import { HIDDEN_FIELDS, SystemClock, type Clock, type Logger } from '@baton/core';
import type { Config } from './config.js';

/** A logger that can carry fields into every line: `child({ run_id, task_id })`. */
export interface BatonLogger extends Logger {
  child(fields: object): BatonLogger;
}

/**
 * The one logger of a process: a JSON object a line on stdout, with `time` in ISO 8601 and `level` as a word. Hidden fields are hidden wherever they
 * stand in the fields of a line, up to two levels deep.
 */
export function createLogger(config: Pick<Config, 'logLevel' | 'role'>, destination?: DestinationStream): BatonLogger {
  return pino(
    {
      level: config.logLevel,
      base: { role: config.role, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: HIDDEN_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    },
    destination,
  );
}

/**
 * A logger for what may happen a thousand times a second: one line per message and second at most.
 * The next line that is written says how many were `suppressed`.
 */
export function rateLimited(logger: Logger, options: { everyMs?: number; clock?: Pick<Clock, 'monotonic'> } = {}): Logger {
  const { everyMs = 1_000, clock = new SystemClock() } = options;
  const seen = new Map<string, { writtenAt: number; suppressed: number }>();
  const write = (level: keyof Logger, fields: object, message: string): void => {
    const now = clock.monotonic();
    const last = seen.get(message);
    if (last !== undefined && now - last.writtenAt < everyMs) {
      last.suppressed += 1;
      return;
    }
    seen.set(message, { writtenAt: now, suppressed: 0 });
    logger[level](last === undefined || last.suppressed === 0 ? fields : { ...fields, suppressed: last.suppressed }, message);
  };
  return {
    debug: (fields, message) => write('debug', fields, message),
    info: (fields, message) => write('info', fields, message),
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
  };
}
