import { channel } from 'node:diagnostics_channel';
import { RUN_CHANNEL } from './timeline/mark.js';

/** Where a stage's servers are. */
export interface StageAddress {
  /** A directory for files of this stage alone. */
  dir: string;
  /** A schema, or a file, of this stage alone. */
  databaseUrl: string;
  /** Empty where the system uses no Redis. */
  redisUrl: string;
  /** Empty where the system has no API process. */
  apiUrls: readonly string[];
}

/**
 * How the steps of a run hang together: one after the other (`effects`: each posts to a sink), as a random layered graph, the same for each count,
 * or all at once and then a join. `agents` and `agent-fan`: each step asks a model.
 */
export type RunShape = 'chain' | 'effects' | 'layers' | 'fan' | 'agents' | 'agent-fan';

/** A system under measurement, as a client program sees it. */
export interface BenchClient {
  /** Submits a run of `steps` steps with trivial bodies, sequential unless `shape` says otherwise; resolves when this client has learned that it ended well. */
  execute(steps: number, shape?: RunShape): Promise<void>;
  /** The same, but resolves when the run is accepted. */
  submit?(steps: number, shape?: RunShape): Promise<void>;
  close(): Promise<void>;
}

/** What a client process does when told: `runs` runs in a closed loop. */
export interface Drive {
  runs: number;
  steps: number;
  inFlight: number;
  /** `chain` when absent. */
  shape?: RunShape;
  /** What a run is waited for: its end when absent. */
  until?: 'accepted';
}

export interface DriveResult {
  elapsedMs: number;
  /** From submission to the client's knowledge of the end. */
  p50Ms: number;
  p99Ms: number;
}

/** Keeps `inFlight` runs under way until `runs` have ended. */
export async function driveRuns(client: BenchClient, { runs, steps, inFlight, shape, until }: Drive): Promise<DriveResult> {
  const latencies: number[] = [];
  const news = channel(RUN_CHANNEL);
  let submitted = 0;
  const lane = async (): Promise<void> => {
    while (submitted < runs) {
      submitted++;
      news.publish('begun');
      const submittedAt = performance.now();
      await (until === 'accepted' ? client.submit!(steps, shape) : client.execute(steps, shape));
      latencies.push(performance.now() - submittedAt);
      news.publish('done');
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  const elapsedMs = performance.now() - startedAt;
  latencies.sort((a, b) => a - b);
  return { elapsedMs, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
}

/** Of sorted values, by the nearest rank. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}
