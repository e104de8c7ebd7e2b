import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { spawnBound } from '../support/services.js';
import { PROBE_REQUEST, type LoopDelay } from './loop-probe.js';
import { MEMORY_REQUEST, type MemoryInUse } from './memory-probe.js';

const PROBES = ['./loop-probe.js', './memory-probe.js'].map((path) => new URL(path, import.meta.url).href);
const REPLY_BOUND_MS = 120_000;

/** A Node process of a measured system. It ends with this process, however that ends. */
export class MeasuredProcess {
  private readonly child;
  private readonly log: string[] = [];
  /** Rejects when the process ends before it was told to. */
  readonly failure: Promise<never>;
  private stopping = false;

  constructor(
    private readonly name: string,
    script: string,
    args: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
    preloads: readonly string[] = [],
  ) {
    this.child = spawnBound(
      process.execPath,
      [...[...PROBES, ...preloads].flatMap((probe) => ['--import', probe]), script, ...args],
      {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
      },
    );
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.remember(text));
    }
    this.failure = new Promise((_resolve, reject) => {
      this.child.once('close', (code, signal) => {
        if (!this.stopping) reject(new Error(`${name} ended early (${signal ?? code}):\n${this.log.join('').slice(-3_000)}`));
      });
    });
    // Whoever waits for the process hears of it; nobody else has to.
    this.failure.catch(() => undefined);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Sends a message and waits for the answer of that kind. */
  request<T>(message: string | object, replyKind: string): Promise<T> {
    const reply = this.message<T>(replyKind);
    this.child.send(message);
    return reply;
  }

  /** The next message of that kind. Rejects when the process reports an error, ends, or lets a bound pass. */
  async message<T>(kind: string): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const hear = (message: { kind: string; error?: string }): void => {
      if (message.kind === 'error') reject(new Error(`${this.name}: ${message.error}`));
      if (message.kind === kind) resolve(message as T);
    };
    const bound = setTimeout(() => reject(new Error(`${this.name} did not answer in time`)), REPLY_BOUND_MS);
    this.child.on('message', hear);
    try {
      return await Promise.race([promise, this.failure]);
    } finally {
      clearTimeout(bound);
      this.child.off('message', hear);
    }
  }

  async loopDelay(): Promise<LoopDelay> {
    return (await this.request<{ delay: LoopDelay }>(PROBE_REQUEST, PROBE_REQUEST)).delay;
  }

  /** What is left in use after a full garbage collection, which it makes. */
  async memoryInUse(): Promise<MemoryInUse> {
    return (await this.request<{ memory: MemoryInUse }>(MEMORY_REQUEST, MEMORY_REQUEST)).memory;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  private remember(text: string): void {
    this.log.push(text);
    if (this.log.length > 100) this.log.shift();
  }
}

/** Milliseconds on a CPU so far, all threads of the process together. */
export function cpuMs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = tasks.map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]));
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e6;
}

export function residentBytes(pid: number): number {
  return statusBytes(pid, 'VmRSS');
}

/** The most that it was since the process started. */
export function peakResidentBytes(pid: number): number {
  return statusBytes(pid, 'VmHWM');
}

function statusBytes(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1_024;
}
