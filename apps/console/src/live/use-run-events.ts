import { useEffect, useState } from 'react';
import { api, unwrap } from '../api/client.js';
import { isRunNotFound } from '../api/problem.js';
import { useLiveClient, useLiveState } from './live-provider.js';
import type { RunEvent } from './protocol.js';

const PAGE = 1_000;
const RETRY_MS = 3_000;

export interface FollowedRun {
  /** 1..n in order: what is there, then what comes. */
  events: RunEvent[];
  /** It moves by itself. */
  live: boolean;
  /** There is no such run, or no more. */
  missing: boolean;
}

/** The journal of a run. */
export function useRunEvents(runId: string): FollowedRun {
  const client = useLiveClient();
  const isLive = useLiveState() === 'live';
  const [known, setKnown] = useState<{ runId: string; events: RunEvent[] }>({ runId, events: [] });
  const [state, setState] = useState<'read' | 'followed' | 'missing'>('read');

  useEffect(() => {
    let end = (): void => undefined;
    const aborted = new AbortController();
    const show = batch((added: RunEvent[]) =>
      setKnown((before) => ({ runId, events: before.runId === runId ? [...before.events, ...added] : added })),
    );
    const follow = async (): Promise<void> => {
      setKnown({ runId, events: [] });
      setState('read');
      let last = 0;
      for await (const page of readJournal(runId, aborted.signal)) {
        page.forEach(show.add);
        last = page.at(-1)?.seq ?? last;
      }
      if (aborted.signal.aborted) return;
      // Every run begins with an event.
      if (last === 0) return setState('missing');
      end = client.followRun(runId, last, show.add);
      setState('followed');
    };
    void follow();
    return () => {
      aborted.abort();
      end();
      show.stop();
    };
  }, [client, runId]);

  return {
    events: known.runId === runId ? known.events : [],
    live: isLive && state === 'followed',
    missing: state === 'missing',
  };
}

/** All pages of the journal; one that fails is asked for again, unless there is no such run. */
async function* readJournal(id: string, signal: AbortSignal): AsyncGenerator<RunEvent[]> {
  let after: number | null = 0;
  while (after !== null && !signal.aborted) {
    try {
      const page = await readPage(id, after, signal);
      yield page.items;
      after = page.next_after;
    } catch (error) {
      if (isRunNotFound(error)) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function readPage(id: string, after: number, signal: AbortSignal) {
  const params = { path: { id }, query: { after, limit: PAGE } };
  return api.GET('/api/v1/runs/{id}/journal', { params, signal }).then(unwrap);
}

/** Shows what comes within one frame together. */
function batch<T>(show: (added: T[]) => void) {
  let pending: T[] = [];
  let frame: number | undefined;
  const flush = (): void => {
    const added = pending;
    pending = [];
    frame = undefined;
    show(added);
  };
  return {
    add: (one: T): void => {
      pending.push(one);
      // A page in the background has no frames: there it waits until it is looked at.
      frame ??= requestAnimationFrame(flush);
    },
    stop: (): void => {
      if (frame !== undefined) cancelAnimationFrame(frame);
      pending = [];
    },
  };
}
