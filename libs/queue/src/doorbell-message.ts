import type { Ring } from '@baton/core';

type WireRing =
  | { kind: 'journal'; run_id: string; task_id: string | null; seq: number; ended: boolean }
  | { kind: 'inbox'; run_id: string; worker_id: string }
  | { kind: 'death'; worker_id: string };

/** One PUBLISH: who rang, and what. */
export function encodeRings(from: string, rings: readonly Ring[]): string {
  return JSON.stringify({ from, rings: rings.map(toWire) });
}

/** Whether {@link encodeRings} has made it for this sender; told without reading it. */
export function isFrom(text: string, from: string): boolean {
  return text.startsWith(`{"from":${JSON.stringify(from)},`);
}

/** Null for what is no message of ours. Rings that this version does not know are left out. */
export function decodeRings(text: string): Ring[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const { from, rings: wire } = fieldsOf(json);
  if (typeof from !== 'string' || !Array.isArray(wire)) return null;
  return wire.map(fromWire).filter((ring) => ring !== null);
}

/** What one ring replaces: a later seq of a run says all that an earlier one said. */
export function ringKey(ring: Ring): string {
  if (ring.kind === 'death') return `death ${ring.workerId}`;
  return ring.kind === 'journal' ? `journal ${ring.runId}` : `inbox ${ring.runId} ${ring.workerId}`;
}

function toWire(ring: Ring): WireRing {
  if (ring.kind === 'death') return { kind: 'death', worker_id: ring.workerId };
  return ring.kind === 'journal'
    ? { kind: 'journal', run_id: ring.runId, task_id: ring.taskId, seq: ring.seq, ended: ring.ended }
    : { kind: 'inbox', run_id: ring.runId, worker_id: ring.workerId };
}

/** By hand: every process reads every ring, and a schema would cost it more than all else that it does for one. */
function fromWire(json: unknown): Ring | null {
  const { kind, run_id: runId, task_id: taskId, seq, ended, worker_id: workerId } = fieldsOf(json);
  if (kind === 'death') return typeof workerId === 'string' ? { kind, workerId } : null;
  if (typeof runId !== 'string') return null;
  if (kind === 'inbox') return typeof workerId === 'string' ? { kind, runId, workerId } : null;
  if (kind !== 'journal' || typeof seq !== 'number' || !Number.isSafeInteger(seq) || typeof ended !== 'boolean') return null;
  return typeof taskId === 'string' || taskId === null ? { kind, runId, taskId, seq, ended } : null;
}

function fieldsOf(json: unknown): Record<string, unknown> {
  return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
}
