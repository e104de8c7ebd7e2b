import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';

/** One request, from when it was meant to be sent: a client that waits for answers before it asks again would hide how long others wait. */
export interface Shot {
  tenant: string;
  intendedAt: number;
  /** Null: no answer in time. */
  status: number | null;
  ms: number;
  retryAfter: string | null;
  runId: string | null;
}

export interface Source {
  tenant: string;
  token: string;
  perSecond: number;
}

export interface LoopResult {
  shots: Shot[];
  /** Not sent, since so many were under way: the client is bounded, and says so. */
  unsent: number;
}

const CONNECTIONS = 1_024;
const MAX_UNDER_WAY = 20_000;
const ANSWER_BOUND_MS = 10_000;
const TICK_MS = 5;

/** Starts runs over HTTP through a few connections. */
export class StartClient {
  private readonly pool: Pool;
  private underWay = 0;

  constructor(url: string) {
    this.pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  }

  /** Each source at its own even rate, whatever the answers are; resolves when the last is answered. */
  async drive(sources: readonly Source[], forMs: number): Promise<LoopResult> {
    const pending: Promise<Shot>[] = [];
    let unsent = 0;
    const begunAt = performance.now();
    const next = sources.map(() => 0);
    for (let elapsed = 0; elapsed < forMs; elapsed = performance.now() - begunAt) {
      sources.forEach((source, index) => {
        for (; next[index]! <= elapsed; next[index]! += 1_000 / source.perSecond) {
          if (this.underWay >= MAX_UNDER_WAY) {
            unsent += 1;
            continue;
          }
          pending.push(this.start(source, begunAt + next[index]!));
        }
      });
      await pause(TICK_MS);
    }
    return { shots: await Promise.all(pending), unsent };
  }

  /** So many callers, each of which starts a run after the other, as long as they may. */
  async driveClosed(source: Omit<Source, 'perSecond'>, callers: number, forMs: number, mayStart: () => boolean): Promise<void> {
    const endsAt = performance.now() + forMs;
    const call = async (): Promise<void> => {
      while (performance.now() < endsAt) {
        if (mayStart()) await this.start(source, performance.now());
        else await pause(TICK_MS);
      }
    };
    await Promise.all(Array.from({ length: callers }, call));
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }

  private async start({ tenant, token }: Omit<Source, 'perSecond'>, intended: number): Promise<Shot> {
    const intendedAt = performance.timeOrigin + intended;
    this.underWay += 1;
    try {
      const {
        statusCode,
        headers: answered,
        body,
      } = await this.pool.request({
        ...{ path: '/api/v1/runs', method: 'POST', body: '{"workflow":"step"}', signal: AbortSignal.timeout(ANSWER_BOUND_MS) },
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      });
      const text = await body.text();
      const ms = performance.now() - intended;
      const runId = statusCode < 300 ? (JSON.parse(text) as { run_id: string }).run_id : null;
      return { tenant, intendedAt, status: statusCode, ms, retryAfter: String(answered['retry-after'] ?? ''), runId };
    } catch {
      return { tenant, intendedAt, status: null, ms: performance.now() - intended, retryAfter: null, runId: null };
    } finally {
      this.underWay -= 1;
    }
  }
}
