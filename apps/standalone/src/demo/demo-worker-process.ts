import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BatonLogger } from '@baton/platform';

/** What the process needs beside its environment, which is that of this one. */
export interface DemoWorkerOrders {
  queue: 'memory' | 'bullmq';
  redisUrl: string | null;
  logFile: string | null;
}

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
    child.send(this.orders);
    child.once('exit', (code, signal) => {
      this.child = null;
      if (this.isStopped) return;
      this.logger.warn({ pid: child.pid, code, signal }, 'The worker of the demo has ended, and is started again');
      this.restart = setTimeout(() => this.start(), RESTART_MS);
    });
  }

  /** `kill -9`. Null: there is none just now. */
  kill(): number | null {
    const { pid } = this;
    this.child?.kill('SIGKILL');
    return pid;
  }

  /** Lets it give back what it has in work. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.restart);
    const { child } = this;
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  }
}
