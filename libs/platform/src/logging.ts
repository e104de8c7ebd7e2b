import { pino, stdSerializers, stdTimeFunctions, type DestinationStream } from 'pino';
import { HIDDEN_FIELDS, SystemClock, type Clock, type Logger } from '@baton/core';
import type { Config } from './config.js';

/** A logger that can carry fields into every line: `child({ run_id, task_id })`. */
export interface BatonLogger extends Logger {
  child(fields: object): BatonLogger;
}

/** What errors of databases have of the statement that failed: in it stands all that it was to write, of whoever shares its commit. */
const STATEMENT_FIELDS: ReadonlySet<string> = new Set(['sql', 'query', 'parameters']);
/** Errors within errors that are shown. */
const MAX_NESTING = 6;

/**
 * The one logger of a process: a JSON object a line on stdout, with `time` in ISO 8601 and `level` as a word. Hidden fields are hidden wherever they
 * stand in the fields of a line, up to two levels deep, and of an error the statement that failed.
 */
export function createLogger(config: Pick<Config, 'logLevel' | 'role'>, destination?: DestinationStream): BatonLogger {
  return pino(
    {
      level: config.logLevel,
      base: { role: config.role, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: Error) => withoutStatement(stdSerializers.err(error), MAX_NESTING) },
      redact: { paths: HIDDEN_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    },
    destination,
  );
}

function withoutStatement(value: unknown, nesting: number): unknown {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  if (nesting === 0) return undefined;
  if (Array.isArray(value)) return value.map((inner) => withoutStatement(inner, nesting - 1));
  const shown = Object.entries(value).filter(([key]) => !STATEMENT_FIELDS.has(key));
  return Object.fromEntries(shown.map(([key, inner]) => [key, withoutStatement(inner, nesting - 1)]));
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
