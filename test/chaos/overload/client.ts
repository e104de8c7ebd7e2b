import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { spawnBound } from '../../support/services.js';
import type { LoopResult, Source } from './start-loop.js';

/** What a client process is told. */
export type ClientOrder =
  | ({ kind: 'drive' } & Source)
  | { kind: 'drive closed'; token: string; callers: number; forMs: number }
  | { kind: 'hold'; isHeld: boolean };

const [HOOKS, MAIN] = ['../../support/typescript-hooks.ts', './client-main.ts'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
) as [string, string];

/** A client process: the loud tenant and the quiet one have each their own, so that neither waits for the other's. */
export class Client {
  private readonly child;
  private readonly failure: Promise<never>;

  constructor(url: string) {
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
    this.child = spawnBound(process.execPath, ['--import', HOOKS, MAIN, url], { stdio: [...stdio], serialization: 'advanced' });
    this.failure = once(this.child, 'exit').then(([code]) => {
      throw new Error(`a client ended with ${String(code)}`);
    });
    // Whoever waits for an answer hears of it; nobody else has to.
    this.failure.catch(() => undefined);
  }

  get pid(): number {
    return this.child.pid!;
  }

  drive(source: Source): Promise<LoopResult> {
    return this.order({ kind: 'drive', ...source });
  }

  /** Starts while it is not held. */
  async driveClosed(source: { token: string; callers: number; forMs: number }): Promise<void> {
    await this.order({ kind: 'drive closed', ...source });
  }

  hold(isHeld: boolean): void {
    this.tell({ kind: 'hold', isHeld });
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  private async order<Result>(order: ClientOrder): Promise<Result> {
    this.tell(order);
    return Promise.race([once(this.child, 'message').then(([result]) => result as Result), this.failure]);
  }

  private tell(order: ClientOrder): void {
    this.child.send(order);
  }
}
