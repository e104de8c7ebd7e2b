import { createHash } from 'node:crypto';
import { BatonError, type ErrorInfo } from './errors.js';
import type { JsonObject, JsonValue } from './json.js';
import type { NodeContext } from './node-handler.js';
import { isTerminal, type Run, type RunStatus, type TerminalRunStatus } from './run.js';

/** Whose child a run is. */
export interface RunParent {
  readonly runId: string;
  /** The node of the parent that waits for it. */
  readonly nodeId: string;
  /** Its place among the children of that node, from 0. */
  readonly index: number;
  /** The id under which the parent waits: its own, or that of the first run of the chain that it continues. */
  readonly childId: string;
  /** 1 for a child, 2 for a child of a child. */
  readonly depth: number;
}

/** What came of a child; `runId`: the run that ended, the last of its chain. */
export type ChildOutcome =
  | { readonly runId: string; readonly status: 'completed'; readonly output: JsonValue }
  | { readonly runId: string; readonly status: 'failed' | 'cancelled'; readonly error: ErrorInfo };

/** Children that a node asks for: runs of one workflow, one for each input. */
export interface ChildrenRequest {
  /** Id or name. It is looked up once; every child, also after a crash or in another attempt, is of the version found then. */
  readonly workflow: string;
  /** The newest when absent. */
  readonly version?: number;
  readonly inputs: readonly JsonValue[];
  /** Children that live at once; all when absent. */
  readonly concurrency?: number;
  /** So many completed ones are enough, and the others are cancelled; all when absent. */
  readonly wanted?: number;
  /** With more failed or cancelled ones the wait is over, and the others are cancelled; 0 when absent. */
  readonly tolerated?: number;
}

/** Where a child comes from. A retry is another round: it never meets a child that has ended. */
export interface ChildOrigin {
  readonly runId: string;
  readonly nodeId: string;
  readonly visit: number;
  readonly key: string;
  readonly round: number;
  readonly index: number;
}

/** The id of a child follows from its origin: created again, it is the same child. */
export function childRunId({ runId, nodeId, visit, key, round, index }: ChildOrigin): string {
  return idOf(['child', runId, nodeId, visit, key, round, index]);
}

/** The id of the run in which a run goes on. */
export function successorRunId(runId: string): string {
  return idOf(['continued', runId]);
}

/** A UUID of version 8: its bits are ours, taken from a SHA-256. */
function idOf(parts: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) % 4];
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** How a run ends, as its terminal event says. */
export type RunEnding =
  | { readonly status: 'completed'; readonly output: JsonValue }
  | { readonly status: 'failed'; readonly error: ErrorInfo }
  | { readonly status: 'cancelled'; readonly reason: string };

/** The payload of the signal that tells a parent of the end of a child. */
export function childEndedPayload(childId: string, runId: string, ending: RunEnding): JsonObject {
  const child = { child_id: childId, run_id: runId, status: ending.status };
  if (ending.status === 'completed') return { ...child, output: ending.output };
  const error = ending.status === 'failed' ? ending.error : { code: 'child_failed', message: ending.reason, retryable: false };
  return { ...child, error: error as unknown as JsonValue };
}

/** Reads the payload of a signal `child`; null where it is none. */
export function readChildEnded(payload: JsonObject): { childId: string; outcome: ChildOutcome } | null {
  const { child_id: childId, run_id: runId, status, output = null, error } = payload;
  if (typeof childId !== 'string' || typeof runId !== 'string' || !isTerminal(status as RunStatus)) return null;
  const outcome =
    status === 'completed'
      ? { runId, status, output }
      : { runId, status: status as Exclude<TerminalRunStatus, 'completed'>, error: error as unknown as ErrorInfo };
  return { childId, outcome: outcome as ChildOutcome };
}

/** How an ended run tells its parent; undefined: it has none. */
export function tellParent(
  run: Pick<Run, 'id' | 'parent'>,
  ending: RunEnding,
): { runId: string; payload: JsonObject } | undefined {
  if (run.parent === null) return undefined;
  return { runId: run.parent.runId, payload: childEndedPayload(run.parent.childId, run.id, ending) };
}

/** The output of a child. @throws BatonError `child_failed` where it did not complete; a cancelled one is not tried again. */
export function childOutput(outcome: ChildOutcome): JsonValue {
  if (outcome.status === 'completed') return outcome.output;
  const { runId, status, error } = outcome;
  const context = { child_run_id: runId, status, error: error as unknown as JsonValue };
  const options = error.retryable === false ? { retryable: false } : {};
  throw new BatonError('child_failed', `The child run ${runId} is ${status}: ${error.message}`, context, options);
}

/** Delegates to a workflow: runs one child and returns its output. `key` as of a step. @throws BatonError as `runChildren`, `child_failed`. */
export async function runChild(
  context: Pick<NodeContext, 'runChildren'>,
  key: string,
  { input, ...child }: { workflow: string; version?: number; input: JsonValue },
): Promise<JsonValue> {
  const [outcome] = await context.runChildren(key, { ...child, inputs: [input] });
  return childOutput(outcome!);
}
