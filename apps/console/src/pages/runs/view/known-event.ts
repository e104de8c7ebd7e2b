import type { RunEvent } from '../../../live/protocol.js';

export interface Failure {
  code: string;
  message: string;
  retryable?: boolean;
  details?: Record<string, unknown>;
}

/** What a call of a model has used. */
export interface StepUsage {
  model: string;
  model_calls: number;
  prompt_tokens: number;
  completion_tokens: number;
  cost_micros: number;
}

export interface KeptNode {
  id: string;
  status: 'completed' | 'skipped' | 'failed';
  visit: number;
  output: unknown;
  error?: Failure;
}

type Nothing = Record<string, never>;
interface FailedAttempt {
  error: Failure;
  retry_at: number | null;
}

/** The events that change what a view of a run shows, with as much of their payloads as it reads. */
interface Payloads {
  'run.submitted': { snapshot?: KeptNode[] };
  'run.claimed': { worker_id: string };
  'run.waiting': { reason: string };
  'run.paused': { reason: string; by?: string };
  'run.resumed': Nothing;
  'run.patched': { revision: number };
  'run.compensating': { error: Failure; node_id: string | null };
  'run.completed': { output: unknown };
  'run.failed': { error: Failure };
  'run.cancelled': { reason: string };
  'node.started': Nothing;
  'node.dispatched': { pool: string };
  'step.completed': { key: string; output: unknown; usage?: StepUsage };
  'node.completed': { output: unknown };
  'node.repeated': { output: unknown };
  'node.failed': FailedAttempt;
  'node.skipped': { reason: string };
  'node.suspended': { key: string; awaits: { kind: string; name?: string }; wake_at: number | null; reason: string };
  'node.resumed': { key: string; signal_id: number | null };
  'node.interrupted': { reason: string };
  'compensation.started': Nothing;
  'compensation.completed': Nothing;
  'compensation.failed': FailedAttempt;
}

/** An event as the view reads it. Types that it does not know change nothing. */
export type KnownEvent = {
  [T in keyof Payloads]: Omit<RunEvent, 'type' | 'payload'> & { type: T; payload: Payloads[T] };
}[keyof Payloads];

export type KnownNodeEvent = KnownEvent & { node_id: string };
