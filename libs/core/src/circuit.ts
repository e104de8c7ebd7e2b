import { BatonError, type ErrorInfo } from './errors.js';
import { isRateLimited } from './rate-limit.js';

/** When calls to a target stop for a while. */
export interface CircuitPolicy {
  /** Failures in a row that open its circuit. */
  readonly failureThreshold: number;
  /** How long it then stays open, before one call may try. */
  readonly openMs: number;
}

/** What nodes call: the origin of a URL, a model, or what a node type of one's own names. Tenants do not share what they know of it. */
export interface TargetKey {
  readonly tenantId: string;
  readonly target: string;
}

/** Characters of a target's name. */
export const MAX_TARGET_CHARS = 300;

/** What all workers know of a target. Instants are milliseconds since the epoch, on the clock of whoever wrote them. */
export interface Circuit extends TargetKey {
  /** Failed calls in a row. */
  readonly failures: number;
  /** Since when calls are stopped; null: they are not. */
  readonly openedAt: number | null;
  /** From when on one call may try whether the target is back. */
  readonly openUntil: number | null;
  /** The call that tries; at `until` another may, since its worker is probably dead. */
  readonly probe: { readonly token: string; readonly until: number } | null;
  /** The last failure, kept when the target is back. */
  readonly lastError: string | null;
  readonly failedAt: number | null;
  readonly changedAt: number;
  /** Rises with each change; 0: there is no row yet. */
  readonly revision: number;
}

export type CircuitState = 'closed' | 'open' | 'half_open';

/** The circuit of a target of which nothing is known: all is well. */
export function closedCircuit({ tenantId, target }: TargetKey): Circuit {
  return {
    ...{ tenantId, target, failures: 0, openedAt: null, openUntil: null, probe: null },
    ...{ lastError: null, failedAt: null, changedAt: 0, revision: 0 },
  };
}

/** `half_open`: the next call tries, or one does already. */
export function circuitState({ openUntil }: Circuit, now: number): CircuitState {
  if (openUntil === null) return 'closed';
  return openUntil > now ? 'open' : 'half_open';
}

/** How long a refused call waits while another one tries. */
const PROBE_PAUSE_MS = 5_000;
/** How long a call that tries may take before another may, at least. */
const PROBE_MS = 30_000;

/** Whether a call may be made: yes, as the one that tries, or not before an instant. */
export type Admission =
  { readonly kind: 'pass' } | { readonly kind: 'probe' } | { readonly kind: 'refused'; readonly until: number };

export function admitCall(circuit: Circuit, now: number): Admission {
  const state = circuitState(circuit, now);
  if (state === 'closed') return { kind: 'pass' };
  if (state === 'open') return { kind: 'refused', until: circuit.openUntil! };
  const { probe } = circuit;
  if (probe === null || probe.until <= now) return { kind: 'probe' };
  return { kind: 'refused', until: Math.min(probe.until, now + PROBE_PAUSE_MS) };
}

/** The circuit with this call as the one that tries; null: it may not, others do or the target is back. */
export function takeProbe(circuit: Circuit, token: string, now: number, { openMs }: CircuitPolicy): Circuit | null {
  if (admitCall(circuit, now).kind !== 'probe') return null;
  return { ...circuit, probe: { token, until: now + Math.max(openMs, PROBE_MS) }, changedAt: now };
}

/**
 * The circuit after a call that the target failed; null: it says nothing new, since the call began before the circuit opened.
 * `token`: of the call that tried, null of another.
 */
export function afterFailure(
  circuit: Circuit,
  { token, at, error }: { token: string | null; at: number; error: string },
  { failureThreshold, openMs }: CircuitPolicy,
): Circuit | null {
  const failed = { ...circuit, failures: circuit.failures + 1, lastError: error, failedAt: at, changedAt: at };
  if (circuit.openedAt !== null)
    return token !== null && circuit.probe?.token === token ? { ...failed, openUntil: at + openMs, probe: null } : null;
  return failed.failures < failureThreshold ? failed : { ...failed, openedAt: at, openUntil: at + openMs };
}

/** The circuit after a call that the target answered; null: it was well already, or is open and this was not the call that tried. */
export function afterAnswer(circuit: Circuit, token: string | null, at: number): Circuit | null {
  if (circuit.failures === 0) return null;
  if (circuit.openedAt !== null && (token === null || circuit.probe?.token !== token)) return null;
  return { ...circuit, failures: 0, openedAt: null, openUntil: null, probe: null, changedAt: at };
}

/** The circuit after the call that tried has come to nothing, by no fault of the target: another may try. */
export function releaseProbe(circuit: Circuit, token: string, at: number): Circuit | null {
  return circuit.probe?.token === token ? { ...circuit, probe: null, changedAt: at } : null;
}

/** What the end of a call says of its target: that it answers, that it does not, or nothing. */
export type Verdict = 'answered' | 'failed' | 'silent';

/** Failures of these codes come from the far side of a call. */
const FAR_SIDE: ReadonlySet<string> = new Set(['http_failed', 'model_failed', 'model_answer_too_large']);
/** What the system and `fetch` say of connections that fail, on the error or on its cause. */
const LOST_CONNECTION = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|UND_ERR)/;

/**
 * What a failed call says of its target. No answer, a broken connection, a timeout and a status from 500 on speak against it; any other status is an
 * answer, 429 too: who asks to be called later is there. What was wrong before the call, as a refused address or a bad config, says nothing.
 */
export function judgeFailure(error: unknown): Verdict {
  if (error instanceof BatonError) {
    if (error.code === 'timeout') return 'failed';
    if (!FAR_SIDE.has(error.code)) return 'silent';
    const { status } = error.context;
    if (typeof status === 'number' && status > 0) return status >= 500 ? 'failed' : 'answered';
    return error.options.retryable === false ? 'answered' : 'failed';
  }
  if (!(error instanceof Error)) return 'silent';
  const codes = [error, error.cause].map((cause) => (cause as NodeJS.ErrnoException | undefined)?.code);
  return error.name === 'TimeoutError' || codes.some((code) => LOST_CONNECTION.test(code ?? '')) ? 'failed' : 'silent';
}

/** The failure of an attempt that was refused: nothing was called, so that it takes no try from the node. */
export function circuitOpen({ target, failures, openedAt, lastError }: Circuit, until: number, now: number): BatonError {
  const since = openedAt ?? now;
  const cause = lastError === null ? '' : ` (${lastError})`;
  return new BatonError(
    'circuit_open',
    `Calls to ${target} are stopped since ${instant(since)}, after ${failures} failures in a row${cause}.`,
    { target, since: instant(since), until: instant(until) },
    { retryable: true, retryAfterSeconds: Math.max(0, until - now) / 1_000 },
  );
}

/** Whether nothing was called: the circuit of the target was open, or a rate limit gives the call a later turn. It takes no try from the node. */
export function isHeldBack(error: Pick<ErrorInfo, 'code'>): boolean {
  return error.code === 'circuit_open' || isRateLimited(error);
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

/** Calls to a target within one minute, as one worker has counted them. */
export interface TargetCalls extends TargetKey {
  readonly minuteAt: number;
  readonly calls: number;
  readonly failures: number;
  readonly totalMs: number;
  readonly maxMs: number;
}

/** What is known of a target: its circuit, and its calls of the last minutes. */
export interface TargetHealth {
  readonly circuit: Circuit;
  readonly calls: number;
  readonly failures: number;
  /** Null: it was not called. */
  readonly averageMs: number | null;
  readonly maxMs: number | null;
}

export interface TargetQuery {
  tenantId: string;
  /** Calls from this instant on. */
  since: number;
  /** Only these. */
  targets?: readonly string[];
  /** Keyset: only targets after this name. */
  after?: string;
  limit: number;
}

/** What all workers know of the targets that nodes call. */
export abstract class CircuitStore {
  /** Circuits of all tenants with failures in a row, those changed last first. */
  abstract listTroubled(limit: number): Promise<Circuit[]>;
  abstract find(key: TargetKey): Promise<Circuit | null>;
  /** Writes the circuit if it still has this revision, which rises by one with it; false: somebody else has changed it meanwhile. */
  abstract replace(circuit: Circuit): Promise<boolean>;
  /** Adds to what is counted. */
  abstract addCalls(calls: readonly TargetCalls[]): Promise<void>;
  /** Targets by name that were called since, or whose circuit has a row. */
  abstract list(query: TargetQuery): Promise<TargetHealth[]>;
  /** Removes the calls before, and circuits that are well and have not changed since. */
  abstract forget(before: number): Promise<void>;
}
