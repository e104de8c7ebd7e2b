import { useCallback, useEffect, useRef, useState } from 'react';
import { api, unwrap } from '../../../api/client.js';
import type { RunLogsReadResponses } from '../../../api/schema.js';
import { mergeLines, type LogLine } from './log-lines.js';
import { LogPlace } from './log-place.js';

const PAGE = 1_000;
/** Between looks at a run in work, at one that waits, and after a look that failed. */
const BUSY_MS = 1_000;
const PARKED_MS = 5_000;
const RETRY_MS = 3_000;
/** Looks after the end of the run that have succeeded: workers write what is said a little later. */
const LAST_LOOKS = 2;

export interface RunLogs {
  lines: readonly LogLine[];
  /** The first look is over. */
  isRead: boolean;
  error: unknown;
  /** Looks at once. */
  retry: () => void;
}

/** What the nodes of a run have logged, and what they log meanwhile, as long as somebody can see it. */
export function useRunLogs(runId: string, pace: 'busy' | 'parked' | 'ended'): RunLogs {
  const [logs, setLogs] = useState<Omit<RunLogs, 'retry'>>({ lines: [], isRead: false, error: null });
  const follower = useRef<LogFollower | null>(null);
  const show = useCallback((read: readonly LogLine[], error: unknown) => {
    setLogs((before) => {
      const lines = mergeLines(before.lines, read);
      return before.isRead && lines === before.lines && error === before.error ? before : { lines, isRead: true, error };
    });
  }, []);
  const retry = useCallback(() => follower.current?.lookNow(), []);
  useEffect(() => {
    const one = new LogFollower(runId, show);
    follower.current = one;
    void one.follow();
    return () => one.stop();
  }, [runId, show]);
  useEffect(() => follower.current?.keepPace(pace), [pace, runId]);
  return { ...logs, retry };
}

/** Reads on, look by look, and each time again what came in the last seconds: lines may still come before those. */
class LogFollower {
  private pace: 'busy' | 'parked' | 'ended' = 'busy';
  private readonly place = new LogPlace();
  private readonly stopped = new AbortController();
  private hurry: () => void = () => undefined;

  constructor(
    private readonly runId: string,
    private readonly show: (read: readonly LogLine[], error: unknown) => void,
  ) {}

  keepPace(pace: 'busy' | 'parked' | 'ended'): void {
    this.pace = pace;
    this.hurry();
  }

  lookNow(): void {
    this.hurry();
  }

  stop(): void {
    this.stopped.abort();
    this.hurry();
  }

  async follow(): Promise<void> {
    const { signal } = this.stopped;
    let lastLooks = 0;
    while (!signal.aborted && lastLooks <= LAST_LOOKS) {
      if (document.hidden) await nextSight(signal);
      const hasSucceeded = await this.look();
      if (signal.aborted) return;
      if (hasSucceeded && this.pace === 'ended') lastLooks += 1;
      await this.rest(!hasSucceeded ? RETRY_MS : this.pace === 'parked' ? PARKED_MS : BUSY_MS);
    }
  }

  /** To the end of the log. False: it failed. */
  private async look(): Promise<boolean> {
    const { signal } = this.stopped;
    const beganAt = performance.now();
    let last = this.place.after;
    try {
      for (let after: number | null = last; after !== null;) {
        const params = { path: { id: this.runId }, query: { after, limit: PAGE } };
        const page: RunLogsReadResponses[200] = await api.GET('/api/v1/runs/{id}/logs', { params, signal }).then(unwrap);
        if (signal.aborted) return false;
        this.show(page.items, null);
        last = page.items.at(-1)?.n ?? last;
        after = page.next_after;
      }
    } catch (error) {
      if (!signal.aborted) this.show([], error);
      return false;
    }
    this.place.looked({ last, beganAt, endedAt: performance.now() });
    return true;
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
