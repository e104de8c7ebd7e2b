/** How a task's lock was taken or refused. */
export const LOCK_METHODS = ['redis', 'memory', 'sql', 'upfront'] as const;
export type LockMethod = (typeof LOCK_METHODS)[number];

/** One entry of a task's lock history. */
export interface LockRecord {
  id: number;
  taskId: string;
  /** The run that was submitted or advanced; for a conflict, the live run that was in the way, if known. */
  runId: string | null;
  operation: 'submit' | 'advance';
  event: 'acquired' | 'conflict';
  /** Which layer decided: the up-front check, the lock (Redis or in-process), or SQL. */
  method: LockMethod;
  holder: string;
  /** Length of the token, never the token. 0 where SQL alone decided. */
  tokenLength: number;
  at: number;
}
