/** A lock's value is `<holder>:<token>`; the holder says who: `api/<instance>` or `worker/<worker id>`. */
export interface LockHolder {
  kind: 'api' | 'worker';
  id: string;
}

export function formatHolder(holder: LockHolder): string {
  return `${holder.kind}/${holder.id}`;
}

export function parseHolder(text: string): LockHolder | null {
  const [kind, id, ...rest] = text.split('/');
  return (kind === 'api' || kind === 'worker') && id !== undefined && id !== '' && rest.length === 0 ? { kind, id } : null;
}

/** The lock of a task, or of a run that has none. The same key for API and worker. */
export function lockKey(run: { taskId: string | null; runId: string }): string {
  return run.taskId === null ? `run:${run.runId}:lock` : `task:${run.taskId}:lock`;
}

/** Whose lock a key is; null: it is none of ours. */
export function parseLockKey(key: string): { taskId: string } | { runId: string } | null {
  const [, kind, id] = /^(task|run):(.+):lock$/s.exec(key) ?? [];
  if (id === undefined) return null;
  return kind === 'task' ? { taskId: id } : { runId: id };
}

/** A lock as the lock service has it, whoever holds it. */
export interface StandingLock {
  readonly key: string;
  readonly holder: LockHolder | null;
  readonly value: string;
}

export interface LockPage {
  readonly locks: readonly StandingLock[];
  /** Where to go on; null: these were the last. */
  readonly next: string | null;
}

export interface AcquireRequest {
  key: string;
  holder: LockHolder;
  /** What the lock is for: the label of its metrics. */
  operation: 'submit' | 'advance';
  /** Milliseconds to try again where another holds it. */
  retryForMs?: number;
  /** Asked when a renewal finds the key gone (Redis was wiped): true creates it again, false counts as lost. Without it: false. */
  stillOurs?: () => Promise<boolean>;
  /** Called once when the lock is lost, see {@link HeldLock.isLost}. */
  onLost?: () => void;
}

export type AcquireOutcome =
  | { kind: 'acquired'; lock: HeldLock }
  /** Another holds it. `value` is what a takeover compares with. */
  | { kind: 'foreign'; holder: LockHolder | null; value: string }
  /** The lock service did not answer within its bound: SQL alone decides. */
  | { kind: 'unreachable' };

/** A lock that this process holds. It is renewed until released. */
export interface HeldLock {
  readonly key: string;
  readonly token: string;
  readonly method: RunLock['method'];
  /** Whether the holder may believe in it: the deadline (monotonic time before sending + TTL - margin) has not passed. */
  isValid(): boolean;
  /** A renewal has found another's token: abort the work now. Not when the lock service is merely unreachable. */
  readonly isLost: boolean;
  /** Compare-and-delete. Never throws: what cannot be released ends with its TTL. */
  release(): Promise<void>;
}

/**
 * The tokenized lock with a TTL. It saves work and answers fast; the lease and the epoch keep the truth.
 * While the lock service keeps its data, at most one holder believes a key valid within its deadline.
 */
export abstract class RunLock {
  /** Which lock service this is, as the lock history names it. */
  abstract readonly method: 'redis' | 'memory';
  abstract acquire(request: AcquireRequest): Promise<AcquireOutcome>;
  /** Swaps out, atomically, exactly the holder whose `value` was seen. For a holder whose lease has ended, or a submitter that SQL has overruled. */
  abstract takeOver(request: AcquireRequest, value: string): Promise<AcquireOutcome>;
  /** Who holds the key, without taking it: the up-front check. */
  abstract peek(
    key: string,
  ): Promise<{ kind: 'free' } | { kind: 'held'; holder: LockHolder | null; value: string } | { kind: 'unreachable' }>;
  /**
   * The locks of all holders, in no order and about `limit` at once; those that are there all the while come at least once. Null where the lock
   * service does not answer.
   */
  abstract list(page: { after: string | null; limit: number }): Promise<LockPage | null>;
  /** Compare-and-delete of a lock that was seen, whoever holds it; whether it was there, with the very value. Never throws. */
  abstract free(lock: Pick<StandingLock, 'key' | 'value'>): Promise<boolean>;
}
