import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { poolJobId, type PoolDispatch } from '@baton/core';
import type { BatonLogger } from '@baton/platform';

/** What the process needs beside its environment, which is that of this one. */
export interface DemoWorkerOrders {
  queue: 'memory' | 'bullmq';
  redisUrl: string | null;
  logFile: string | null;
}

/** What the process says: that it takes nodes, and which it has done with. */
export type DemoWorkerNews = { kind: 'ready' } | { kind: 'done'; dispatch: PoolDispatch };

const MAIN = join(import.meta.dirname, 'demo-worker.js');
/** Long enough for people to see that it is gone. */
const RESTART_MS = 1_500;
/** Who then still has not ended is killed: whatever it had in work goes on after the next start. */
const STOP_MS = 5_000;

/** The worker that may be killed: a process of its own, started again whenever it ends. It does not outlive this process. */
export class DemoWorkerProcess {
  private child: ChildProcess | null = null;
  private restart: NodeJS.Timeout | undefined;
  private isStopped = false;
  private isReady = false;
  /** Ends what waits for a node that is handed over. */
  private readonly handed = new Map<string, () => void>();

  constructor(
    private readonly orders: DemoWorkerOrders,
    private readonly logger: BatonLogger,
  ) {}

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  start(): void {
    const child = fork(MAIN);
    this.child = child;
    // What is sent to a process that is about to end fails here.
    child.on('error', (error) =>
      this.logger.warn({ worker_pid: child.pid, err: error }, 'The worker of the demo cannot be reached'),
    );
    child.once('disconnect', () => {
      this.isReady = false;
    });
    child.send(this.orders);
    child.on('message', (news: DemoWorkerNews) => this.hear(news));
    child.once('exit', (code, signal) => {
      this.child = null;
      this.isReady = false;
      for (const done of this.handed.values()) done();
      if (this.isStopped) return;
      this.logger.warn({ worker_pid: child.pid, code, signal }, 'The worker of the demo has ended, and is started again');
      this.restart = setTimeout(() => this.start(), RESTART_MS);
    });
  }

  /** Hands a node over, and returns when it has ended there. Where nobody takes it, or who does is killed, it is found in SQL. */
  async work(dispatch: PoolDispatch): Promise<void> {
    if (!this.isReady) return;
    const id = jobOf(dispatch);
    const ended = new Promise<void>((resolve) => this.handed.set(id, resolve));
    this.child?.send(dispatch);
    await ended;
    this.handed.delete(id);
  }

  /** `kill -9`. Null: there is none just now. */
  kill(): number | null {
    const { pid } = this;
    this.isReady = false;
    this.child?.kill('SIGKILL');
    return pid;
  }

  /** Lets it give back what it has in work. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.restart);
    const { child } = this;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  }

  private hear(news: DemoWorkerNews): void {
    if (news.kind === 'ready') this.isReady = true;
    else this.handed.get(jobOf(news.dispatch))?.();
  }
}

/** A dispatch may be under way with two generations of its job. */
function jobOf(dispatch: PoolDispatch): string {
  return `${poolJobId(dispatch)}.${dispatch.generation}`;
}
