import type { Ring } from '@baton/core';
import { z } from 'zod';

/** One PUBLISH: who rang, and all that was rung in one turn of the event loop. */
const message = z.object({
  from: z.string(),
  rings: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('journal'),
        run_id: z.string(),
        task_id: z.string().nullable(),
        seq: z.int(),
        ended: z.boolean(),
      }),
      z.object({ kind: z.literal('inbox'), run_id: z.string(), worker_id: z.string() }),
    ]),
  ),
});
type WireRing = z.infer<typeof message>['rings'][number];

export function encodeRings(from: string, rings: readonly Ring[]): string {
  return JSON.stringify({ from, rings: rings.map(toWire) });
}

/** Null for what is no message of ours: another version, or somebody's test. */
export function decodeRings(text: string): { from: string; rings: Ring[] } | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = message.safeParse(json);
  return parsed.success ? { from: parsed.data.from, rings: parsed.data.rings.map(fromWire) } : null;
}

/** What one ring replaces: a later seq of a run says all that an earlier one said. */
export function ringKey(ring: Ring): string {
  return ring.kind === 'journal' ? `journal ${ring.runId}` : `inbox ${ring.runId} ${ring.workerId}`;
}

function toWire(ring: Ring): WireRing {
  return ring.kind === 'journal'
    ? { kind: 'journal', run_id: ring.runId, task_id: ring.taskId, seq: ring.seq, ended: ring.ended }
    : { kind: 'inbox', run_id: ring.runId, worker_id: ring.workerId };
}

function fromWire(ring: WireRing): Ring {
  return ring.kind === 'journal'
    ? { kind: 'journal', runId: ring.run_id, taskId: ring.task_id, seq: ring.seq, ended: ring.ended }
    : { kind: 'inbox', runId: ring.run_id, workerId: ring.worker_id };
}
