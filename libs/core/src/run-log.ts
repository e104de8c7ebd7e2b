import type { JsonObject } from './json.js';

/** How serious a line of a log is, the least first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a line says besides its message; kept as JSON says it, and cut where it is large. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * What a node tells people of its work, while it works. Best effort: a call returns at once and never throws, lines beyond the bounds are dropped and
 * counted, and a worker that is killed takes its last second with it. What must be kept is an output or a step.
 */
export interface NodeLog {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Hears nothing. */
export const silentLog: NodeLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** The log with fields that go into each of its lines. */
export function withFields(log: NodeLog, common: LogFields): NodeLog {
  return {
    debug: (message, fields) => log.debug(message, { ...common, ...fields }),
    info: (message, fields) => log.info(message, { ...common, ...fields }),
    warn: (message, fields) => log.warn(message, { ...common, ...fields }),
    error: (message, fields) => log.error(message, { ...common, ...fields }),
  };
}

/** Fields of these names are hidden wherever they are logged: what they hold is nobody's to read. */
export const HIDDEN_FIELDS: readonly string[] = ['authorization', 'cookie', 'token', 'password', 'secret', 'api_key'];

/** The attempt of a node that a line is of. */
export interface LogSubject {
  readonly runId: string;
  readonly tenantId: string;
  readonly nodeId: string;
  readonly visit: number;
  readonly attempt: number;
}

/** A line of the log of a run. */
export interface LogLine extends LogSubject {
  readonly level: LogLevel;
  /** Milliseconds since the epoch, by the clock of the worker. */
  readonly at: number;
  readonly message: string;
  readonly fields: JsonObject | null;
  /** What it counts against the bounds. */
  readonly bytes: number;
}

/** A line with its number: those of one attempt rise in the order in which they were said. */
export interface KeptLine extends LogLine {
  readonly n: number;
}

/** What is kept of a run. */
export interface LogSize {
  readonly lines: number;
  readonly bytes: number;
}

export interface LogQuery {
  readonly tenantId: string;
  readonly runId: string;
  /** Only of this node. */
  readonly nodeId?: string;
  /** Only lines as serious as this, or more. */
  readonly level?: LogLevel;
  /** Only lines with a higher number; 0: all. */
  readonly after: number;
  readonly limit: number;
}

/**
 * The lines that nodes have logged. They stand beside the journal and say nothing of the state of a run; they go when it is removed.
 *
 * @throws BatonError `storage_unavailable`: whether lines of an append were kept is then not known.
 */
export abstract class RunLogStore {
  /** Keeps lines of any runs, in their order. */
  abstract append(lines: readonly LogLine[]): Promise<void>;
  /** Of those of these runs that have lines. */
  abstract sizes(runIds: readonly string[]): Promise<ReadonlyMap<string, LogSize>>;
  /** The first of the lines that fit, by their numbers. For as long as a write may take, lines may still come before them. */
  abstract read(query: LogQuery): Promise<KeptLine[]>;
}
