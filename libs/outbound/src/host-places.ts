import { BatonError } from '@baton/core';

interface Line {
  taken: number;
  /** In order of arrival. */
  readonly waiting: Set<() => void>;
}

/** Gives a place back; a second time does nothing. */
export type LeavePlace = () => void;

/** Places for calls to each host: whoever came first is next, whoever gives up leaves the line, and no line is endless. */
export class HostPlaces {
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly perHost: number,
    private readonly maxWaiting: number,
  ) {}

  /**
   * Resolves once there is a place.
   * @throws BatonError `rate_limited`: too many wait for the host already; the signal's reason once that has aborted.
   */
  async take(host: string, signal: AbortSignal): Promise<LeavePlace> {
    signal.throwIfAborted();
    const line = this.lineOf(host);
    if (line.taken < this.perHost) line.taken += 1;
    else await this.wait(host, line, signal);
    let held = true;
    return () => {
      if (held) this.leave(host, line);
      held = false;
    };
  }

  private lineOf(host: string): Line {
    const known = this.lines.get(host);
    if (known !== undefined) return known;
    const line = { taken: 0, waiting: new Set<() => void>() };
    this.lines.set(host, line);
    return line;
  }

  private wait(host: string, { waiting }: Line, signal: AbortSignal): Promise<void> {
    if (waiting.size >= this.maxWaiting) throw busyHost(host, this.perHost);
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        waiting.delete(go);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.add(go);
    });
  }

  /** The place goes to whoever is next, without being free in between. */
  private leave(host: string, line: Line): void {
    const [next] = line.waiting;
    if (next === undefined) {
      line.taken -= 1;
      if (line.taken === 0) this.lines.delete(host);
      return;
    }
    line.waiting.delete(next);
    next();
  }
}

/** How long a call waits that found no place. */
const BUSY_SECONDS = 5;

/** No place has become free for a call. Nothing was sent. */
export function busyHost(host: string, perHost: number): BatonError {
  const sentence = `${perHost} calls to \`${host}\` are under way, as many as may be, and others wait.`;
  const limit = `${perHost} calls at once`;
  return new BatonError('rate_limited', sentence, { target: host, limit }, { retryable: true, retryAfterSeconds: BUSY_SECONDS });
}
