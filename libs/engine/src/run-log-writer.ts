import {
  LOG_LEVELS,
  type Clock,
  type JsonObject,
  type LogLevel,
  type LogLine,
  type LogSize,
  type LogSubject,
  type RunLogStore,
} from '@baton/core';
import { AttemptLog, type LogBounds, type SaidLine } from './attempt-log.js';
import type { EngineObserver } from './engine-observer.js';
import { keptFields, keptMessage, type Hide } from './log-text.js';

export interface RunLogWriterOptions {
  /** Lines that are less serious are not heard. */
  level: LogLevel | 'off';
  /** How long a line waits at most before it is written. */
  flushMs: number;
  attempt: LogBounds;
  run: LogBounds;
  /** Of memory that lines take which wait to be written: what comes beyond them is dropped. */
  waitingBytes: number;
}

interface RunLogWriterParts {
  store: RunLogStore;
  clock: Clock;
  observer: Pick<EngineObserver, 'logsWritten' | 'trouble'>;
  /** What must not be seen, as it is now. */
  readSecrets?: () => Promise<Hide>;
}

/** A line that waits to be written; null: its attempt has ended. */
interface Waiting {
  readonly log: AttemptLog;
  readonly line: SaidLine | null;
}

const LINES_AT_ONCE = 500;
/** Runs of which is known how much they have logged. */
const RUNS_KNOWN = 5_000;
/** What is said of lines that were dropped comes on top of a run's own. */
const NOTICE_SHARE = 0.1;

/**
 * Writes what nodes log, beside their work and never in its way: lines wait in bounded memory for the next write, which takes those of all runs of
 * the process at once. A write that fails loses its lines; who logs nothing costs nothing.
 */
export class RunLogWriter {
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private writing: Promise<void> | null = null;
  private hurry = new AbortController();
  private isClosing = false;
  /** What has been kept of runs, the longest unused first. */
  private readonly sizes = new Map<string, LogSize>();
  private readonly attemptParts: ConstructorParameters<typeof AttemptLog>[1];

  constructor(
    private readonly parts: RunLogWriterParts,
    private readonly options: RunLogWriterOptions,
  ) {
    const { level, attempt: bounds } = options;
    this.attemptParts = {
      leastLevel: level === 'off' ? LOG_LEVELS.length : LOG_LEVELS.indexOf(level),
      bounds,
      now: () => parts.clock.now(),
      take: (log, line) => this.take(log, line),
      ended: (log) => this.push({ log, line: null }),
    };
  }

  /** The log of an attempt; whoever opens it says when the attempt has ended. */
  open(subject: LogSubject): AttemptLog {
    return new AttemptLog(subject, this.attemptParts);
  }

  /** Writes what waits; from the first write on that fails, the rest is dropped. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.hurry.abort();
    await this.writing;
  }

  private take(log: AttemptLog, line: SaidLine): void {
    if (this.waitingBytes + line.bytes > this.options.waitingBytes) return log.drop('worker_limit');
    this.waitingBytes += line.bytes;
    this.push({ log, line });
  }

  private push(entry: Waiting): void {
    this.waiting.push(entry);
    if (this.waiting.length >= LINES_AT_ONCE) this.hurry.abort();
    this.writing ??= this.writeWaiting();
  }

  private async writeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      if (!this.isClosing && this.waiting.length < LINES_AT_ONCE)
        await this.parts.clock.sleep(this.options.flushMs, this.hurry.signal);
      if (!this.isClosing) this.hurry = new AbortController();
      const some = this.waiting.splice(0, LINES_AT_ONCE);
      const isKept = await this.write(some);
      this.release(some);
      // A database that is away lets each write wait for seconds, which a shutdown does not have.
      if (!isKept && this.isClosing) this.release(this.lose(this.waiting.splice(0)));
    }
    // In the same turn as the last look: who pushes from now on begins anew.
    this.writing = null;
  }

  /** False: it failed. */
  private async write(entries: readonly Waiting[]): Promise<boolean> {
    const { store, observer, readSecrets } = this.parts;
    let pending = entries;
    try {
      const hide = readSecrets === undefined ? unchanged : await readSecrets();
      await this.learnSizes(entries);
      const lines: LogLine[] = [];
      pending = entries.filter((entry) => {
        const line = this.admit(entry, hide);
        if (line !== null) lines.push(line);
        return line !== null;
      });
      if (lines.length > 0) await store.append(lines);
      this.count(entries, lines.length);
      return true;
    } catch (error) {
      this.lose(entries, pending);
      observer.trouble({ what: 'run log', error });
      return false;
    }
  }

  /** `pending`: those of them that were not dropped before. */
  private lose(entries: readonly Waiting[], pending = entries): readonly Waiting[] {
    for (const { log, line } of pending) if (line !== null) log.drop('database_away');
    // Whether some were kept is not known: it is asked.
    for (const { log } of entries) this.sizes.delete(log.subject.runId);
    this.count(entries, 0);
    return entries;
  }

  private count(entries: readonly Waiting[], kept: number): void {
    const dropped = entries.reduce((sum, { log }) => sum + log.countDropped(), 0);
    if (kept + dropped > 0) this.parts.observer.logsWritten({ kept, dropped });
  }

  private release(entries: readonly Waiting[]): void {
    for (const { line } of entries) this.waitingBytes -= line?.bytes ?? 0;
  }

  /** The line as it is kept; null: the run has logged enough, or there is nothing to say of the end of the attempt. */
  private admit({ log, line }: Waiting, hide: Hide): LogLine | null {
    if (line !== null) {
      const kept = this.keep(log, line, keptMessage(line.message, hide), keptFields(line.fields, hide), 0);
      if (kept === null) log.drop('run_limit');
      return kept;
    }
    if (log.dropped === null) return null;
    const { lines, reason } = log.dropped;
    const message = `${lines} ${lines === 1 ? 'line of this attempt was' : 'lines of this attempt were'} not kept`;
    return this.keep(log, { level: 'warn', at: this.parts.clock.now() }, message, { dropped: lines, reason }, NOTICE_SHARE);
  }

  private keep(
    { subject }: AttemptLog,
    { level, at }: Pick<SaidLine, 'level' | 'at'>,
    message: string,
    fields: JsonObject | null,
    beyond: number,
  ): LogLine | null {
    const bytes = Buffer.byteLength(message) + (fields === null ? 0 : Buffer.byteLength(JSON.stringify(fields)));
    const size = this.sizes.get(subject.runId) ?? { lines: 0, bytes: 0 };
    const share = 1 + beyond;
    const { run } = this.options;
    if (size.lines >= run.lines * share || size.bytes + bytes > run.bytes * share) return null;
    this.sizes.set(subject.runId, { lines: size.lines + 1, bytes: size.bytes + bytes });
    return { ...subject, level, at, message, fields, bytes };
  }

  /** What other workers, and earlier ones, have written of the runs counts too. */
  private async learnSizes(entries: readonly Waiting[]): Promise<void> {
    const runIds = [...new Set(entries.map(({ log }) => log.subject.runId))];
    const unknown = runIds.filter((runId) => !this.sizes.has(runId));
    const found = unknown.length === 0 ? new Map<string, LogSize>() : await this.parts.store.sizes(unknown);
    for (const runId of runIds) {
      const size = this.sizes.get(runId) ?? found.get(runId) ?? { lines: 0, bytes: 0 };
      this.sizes.delete(runId);
      this.sizes.set(runId, size);
    }
    for (const runId of this.sizes.keys()) {
      if (this.sizes.size <= RUNS_KNOWN) break;
      this.sizes.delete(runId);
    }
  }
}

function unchanged(text: string): string {
  return text;
}
