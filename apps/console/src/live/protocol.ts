/** One entry of a run's journal, as REST, SSE and the live connection have it. */
export interface RunEvent {
  run_id: string;
  seq: number;
  epoch: number;
  type: string;
  node_id: string | null;
  visit: number;
  attempt: number;
  at: string;
  payload: Record<string, unknown>;
}

export type LiveTopic = 'runs' | 'approvals' | 'tasks' | 'workers';

/** What the client says. */
export type ClientFrame =
  | { type: 'subscribe'; id: string; topic: LiveTopic }
  | { type: 'subscribe'; id: string; topic: 'run'; run_id: string; from_seq: number }
  | { type: 'unsubscribe'; id: string }
  | { type: 'token'; token: string }
  | { type: 'pong' };

/** What the server says. */
export type ServerFrame =
  | { type: 'subscribed'; id: string }
  | { type: 'event'; id: string; seq: number; event: RunEvent }
  | { type: 'changed'; id: string; topic: LiveTopic; ids: string[] | null }
  | { type: 'ping' }
  | { type: 'refresh' }
  | { type: 'error'; id?: string; code: string; detail: string };

/** How the server closes where to come back at once would not help. */
export const CLOSE_CODES = { invalidToken: 4401, forbidden: 4403, silent: 4408, tooMany: 4429 } as const;
