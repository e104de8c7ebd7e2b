import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool, PoolConnection } from 'mysql2';

/** Says which of these connections the server works for; rejects where it does not answer in time. */
export type AskServer = (connectionIds: readonly number[]) => Promise<ReadonlySet<number>>;

const LOOK_EVERY_MS = 1_000;
/** A statement that has just been sent, or answered, is not known to the other side yet. */
const LOOKS = 3;

/**
 * Looks after the connections of a pool whose statements may take long: one that waits while the server works for it is left alone, however long
 * that takes; one that the server works for no more, or knows no more, has lost its answer, and is ended. A server that cannot be asked counts as
 * one that does not work. So a half-open connection is given up within seconds, and a slow statement never.
 */
export class MigrationWatch {
  private readonly stopping = new AbortController();
  private readonly watched = new Map<PoolConnection, { traffic: number; looks: number }>();
  private readonly looking: Promise<void>;

  constructor(
    pool: Pool,
    private readonly ask: AskServer,
  ) {
    pool.on('acquire', (connection) => this.watched.set(connection, { traffic: 0, looks: 0 }));
    pool.on('release', (connection) => this.watched.delete(connection));
    this.looking = this.look();
  }

  /** The connections in use wait for nothing from now on. */
  excuse(): void {
    this.watched.clear();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.looking;
  }

  private async look(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const silent = [...this.watched].filter(([connection, seen]) => isSilent(socketOf(connection), seen));
      if (silent.length === 0) continue;
      const served = await this.ask(silent.map(([{ threadId }]) => threadId)).catch(() => new Set<number>());
      for (const [connection, seen] of silent) {
        seen.looks = served.has(connection.threadId) ? 0 : seen.looks + 1;
        if (seen.looks >= LOOKS) endUnanswered(socketOf(connection));
      }
    }
  }
}

function isSilent({ bytesRead, bytesWritten }: Socket, seen: { traffic: number; looks: number }): boolean {
  const traffic = bytesRead + bytesWritten;
  if (traffic === seen.traffic) return true;
  Object.assign(seen, { traffic, looks: 0 });
  return false;
}

/** As the socket's own timeout does: who waits for the answer hears of it. */
function endUnanswered(socket: Socket): void {
  socket.destroy(Object.assign(new Error('The answer of MySQL to a migration is lost.'), { code: 'ETIMEDOUT' }));
}

function socketOf(connection: PoolConnection): Socket {
  return (connection as unknown as { stream: Socket }).stream;
}
