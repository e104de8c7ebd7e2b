import { inspect } from 'node:util';
import { LOG_LEVELS, type LogFields, type LogLevel, type LogSubject, type NodeLog } from '@baton/core';
import { writeFields } from './log-text.js';

/** A line as it was said: its secrets not hidden yet. */
export interface SaidLine {
  readonly level: LogLevel;
  readonly at: number;
  readonly message: string;
  /** JSON of an object; null: none. */
  readonly fields: string | null;
  /** What it takes in memory while it waits, at about. */
  readonly bytes: number;
}

/** What one attempt of a node, or one run, may log. */
export interface LogBounds {
  readonly lines: number;
  readonly bytes: number;
}

/** Why a line was not kept. */
export type DropReason = 'attempt_limit' | 'run_limit' | 'worker_limit' | 'database_away';

interface AttemptLogParts {
  /** The place among LOG_LEVELS from which on lines are heard. */
  readonly leastLevel: number;
  readonly bounds: LogBounds;
  now(): number;
  take(log: AttemptLog, line: SaidLine): void;
  /** The attempt has ended, and has said something. */
  ended(log: AttemptLog): void;
}

/** What is longer is cut as it is said; the rest once its secrets are hidden, of which a cut would leave a part. */
const SAID_CHARS = 16_000;
/** What a line takes besides its text: empty ones take memory too. */
const LINE_BYTES = 200;

/** The log of one attempt. What is said of it after its end is not heard: a handler may outlive its attempt. */
export class AttemptLog implements NodeLog {
  private lines = 0;
  private bytes = 0;
  private hasEnded = false;
  /** Lines that were not kept, and why the last of them was not. */
  dropped: { lines: number; reason: DropReason } | null = null;
  private uncounted = 0;

  constructor(
    readonly subject: LogSubject,
    private readonly parts: AttemptLogParts,
  ) {}

  debug(message: string, fields?: LogFields): void {
    this.say('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.say('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.say('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.say('error', message, fields);
  }

  drop(reason: DropReason): void {
    this.dropped = { lines: (this.dropped?.lines ?? 0) + 1, reason };
    this.uncounted += 1;
  }

  /** How many lines were dropped since this was asked last. */
  countDropped(): number {
    const lines = this.uncounted;
    this.uncounted = 0;
    return lines;
  }

  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    if (this.lines > 0 || this.dropped !== null) this.parts.ended(this);
  }

  private say(level: LogLevel, message: unknown, fields: LogFields | undefined): void {
    const { bounds, leastLevel } = this.parts;
    if (this.hasEnded || LOG_LEVELS.indexOf(level) < leastLevel) return;
    // Whoever logs in a loop without end pays for no more than this.
    if (this.lines >= bounds.lines || this.bytes >= bounds.bytes) return this.drop('attempt_limit');
    const text = (typeof message === 'string' ? message : inspect(message)).slice(0, SAID_CHARS);
    const json = fields === undefined ? null : writeFields(fields);
    const bytes = Buffer.byteLength(text) + (json === null ? 0 : Buffer.byteLength(json));
    this.lines += 1;
    this.bytes += bytes;
    this.parts.take(this, { level, at: this.parts.now(), message: text, fields: json, bytes: bytes + LINE_BYTES });
  }
}
