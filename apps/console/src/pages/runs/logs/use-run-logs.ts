import { useCallback, useEffect, useRef, useState } from 'react';
import { api, unwrap } from '../../../api/client.js';
import { mergeLines, type LogLine } from './log-lines.js';

const PAGE = 1_000;
/** Between looks at a run in work, at one that waits, and after a look that failed. */
const BUSY_MS = 1_000;
const PARKED_MS = 5_000;
const RETRY_MS = 3_000;
/** Looks after the end of the run: workers write what is said a little later. */
const LAST_LOOKS = 2;

export interface RunLogs {
  lines: readonly LogLine[];
  /** The first look is over. */
  isRead: boolean;
  error: unknown;
}

/** What the nodes of a run have logged, and what they log meanwhile, as long as somebody can see it. */
export function useRunLogs(runId: string, pace: 'busy' | 'parked' | 'ended'): RunLogs {
  const [logs, setLogs] = useState<RunLogs>({ lines: [], isRead: false, error: null });
  const follower = useRef<LogFollower | null>(null);
  const show = useCallback((added: readonly LogLine[], error: unknown) => {
    setLogs(({ lines }) => ({ lines: mergeLines(lines, added), isRead: true, error }));
  }, []);
  useEffect(() => {
    const one = new LogFollower(runId, show);
    follower.current = one;
    void one.follow();
    return () => one.stop();
  }, [runId, show]);
  useEffect(() => follower.current?.keepPace(pace), [pace, runId]);
  return logs;
}

/** Reads on after the last line that is known, look by look. */
class LogFollower {
  private pace: 'busy' | 'parked' | 'ended' = 'busy';
  private readonly stopped = new AbortController();
  private hurry: () => void = () => undefined;

  constructor(
    private readonly runId: string,
    private readonly show: (added: readonly LogLine[], error: unknown) => void,
  ) {}

  keepPace(pace: 'busy' | 'parked' | 'ended'): void {
    this.pace = pace;
    this.hurry();
  }

  stop(): void {
    this.stopped.abort();
    this.hurry();
  }

  async follow(): Promise<void> {
    const { signal } = this.stopped;
    let after = 0;
    let lastLooks = 0;
    while (!signal.aborted && lastLooks <= LAST_LOOKS) {
      if (document.hidden) await nextSight(signal);
      const page = await this.look(after);
      if (signal.aborted) return;
      after = page?.items.at(-1)?.n ?? after;
      if (page !== null && page.next_after !== null) continue;
      if (this.pace === 'ended') lastLooks += 1;
      await this.rest(page === null ? RETRY_MS : this.pace === 'parked' ? PARKED_MS : BUSY_MS);
    }
  }

  /** Null: it failed. */
  private async look(after: number) {
    const { signal } = this.stopped;
    const params = { path: { id: this.runId }, query: { after, limit: PAGE } };
    try {
      const page = await api.GET('/api/v1/runs/{id}/logs', { params, signal }).then(unwrap);
      if (!signal.aborted) this.show(page.items, null);
      return page;
    } catch (error) {
      if (!signal.aborted) this.show([], error);
      return null;
    }
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** When the page is looked at again. */
function nextSight(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', () => resolve(), { once: true, signal });
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
