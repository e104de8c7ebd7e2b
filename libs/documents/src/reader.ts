import { fork, type ChildProcess } from 'node:child_process';
import { BatonError, ERROR_CODES, type ErrorCode, type ErrorInfo, type ExtractedText } from '@baton/core';
import type { ReadRequest } from './read-limits.js';

export interface ReaderOptions {
  /** The program of the process, compiled. */
  program: string;
  /** Options of Node for it, beside the limits. */
  execArgv: readonly string[];
  /** Milliseconds that one file may take. */
  timeoutMs: number;
  /** Memory of the process at which it is ended. */
  maxMemoryBytes: number;
}

type Answer = 'ready' | { read: ExtractedText } | { error: ErrorInfo };

/** How long a process may take to start on a busy machine. */
const START_WITHIN_MS = 30_000;
const MEBIBYTE = 1_048_576;

/** A reader process: reads one file at a time, without the environment of this process and without a right to write. */
export class Reader {
  private readonly child: ChildProcess;
  private readonly gone: Promise<void>;
  private answer = Promise.withResolvers<Answer>();

  constructor(private readonly options: ReaderOptions) {
    const heapMib = Math.floor(options.maxMemoryBytes / 2 / MEBIBYTE);
    this.child = fork(options.program, [String(options.maxMemoryBytes)], {
      env: {},
      execArgv: [`--max-old-space-size=${heapMib}`, ...options.execArgv],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    this.child.on('error', () => resolve());
    this.child.on('exit', () => resolve());
    this.child.on('message', (answer) => this.answer.resolve(answer as Answer));
    this.rest();
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null && this.child.connected;
  }

  /** @throws Error when the process does not start: no file is to blame. */
  async start(): Promise<void> {
    const answer = await this.within(START_WITHIN_MS);
    if (answer === 'ready') return;
    await this.end();
    throw new Error('the process that reads files does not start');
  }

  /** @throws BatonError what is wrong with the file. After any of them that took the process down, the reader is not alive. */
  async read(request: ReadRequest, signal?: AbortSignal): Promise<ExtractedText> {
    this.child.ref();
    const onAbort = (): void => void this.child.kill('SIGKILL');
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      this.answer = Promise.withResolvers<Answer>();
      this.child.send(request, () => undefined);
      const answer = await this.within(this.options.timeoutMs);
      signal?.throwIfAborted();
      if (answer === 'late') {
        await this.end();
        throw new BatonError('timeout', `Reading the file took longer than ${this.options.timeoutMs} ms`);
      }
      if (answer === 'gone') {
        const mib = Math.round(this.options.maxMemoryBytes / MEBIBYTE);
        throw new BatonError(
          'document_unreadable',
          `Reading the file took more than ${mib} MiB of memory, or crashed its reader`,
        );
      }
      if (answer !== 'ready' && 'read' in answer) return answer.read;
      throw answer === 'ready' ? new Error('a reader answered what nobody asked') : toError(answer.error);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.rest();
    }
  }

  async end(): Promise<void> {
    this.child.ref();
    this.child.kill('SIGKILL');
    await this.gone;
  }

  /** A reader without work keeps no process open. */
  private rest(): void {
    this.child.unref();
    this.child.channel?.unref();
  }

  private async within(ms: number): Promise<Answer | 'late' | 'gone'> {
    const { promise: late, resolve } = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => resolve('late'), ms);
    return await Promise.race([this.answer.promise, this.gone.then(() => 'gone' as const), late]).finally(() =>
      clearTimeout(timer),
    );
  }
}

/** What a parser throws beside the errors that we know is the file's fault. */
function toError({ code, message }: ErrorInfo): BatonError {
  const isOurs = code in ERROR_CODES && code !== 'node_failed';
  return isOurs
    ? new BatonError(code as ErrorCode, message)
    : new BatonError('document_unreadable', `The file cannot be read: ${message}`);
}
