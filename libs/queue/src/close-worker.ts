import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'bullmq';

const RECONNECT_MS = 3_000;
const POLL_MS = 20;

/**
 * Closes a BullMQ worker: it takes no more jobs, and its active ones may end within `graceMs`. Then it is closed in any case; true if they ended.
 *
 * BullMQ's own `close` has no bound: it waits for jobs that never end, and, when its blocking connection is just being made again, for an
 * event that never comes. So that connection is first given some time to be there, and the close itself is a forced one.
 */
export async function closeWorker(worker: Worker, graceMs: number): Promise<boolean> {
  const endsAt = performance.now() + graceMs;
  await blockingConnection(worker, Math.min(RECONNECT_MS, graceMs));
  const late = new AbortController();
  const grace = pause(Math.max(0, endsAt - performance.now()), false, { signal: late.signal }).catch(() => false);
  const idle = worker.pause().then(
    () => true,
    () => false,
  );
  const ended = await Promise.race([idle, grace]);
  late.abort();
  await worker.close(true);
  return ended;
}

async function blockingConnection(worker: Worker, boundMs: number): Promise<void> {
  const endsAt = performance.now() + boundMs;
  const made = worker.getBackend().blockingClient?.catch(() => undefined);
  const client = await Promise.race([made, pause(boundMs, undefined, { ref: false })]);
  if (client === undefined) return;
  while (client.status !== 'ready' && performance.now() < endsAt) await pause(POLL_MS);
}
