import { quantile } from '../bench-client.js';
import type { Stage } from '../stage.js';
import type { ModelCall } from './model-process.js';

/** What calls took beyond the time that the model had them, in milliseconds, each list sorted. */
export interface CallOverhead {
  /** From the start of the node, as journaled, to its answer, as journaled. */
  call: number[];
  /** Of `call`: what agents that had been at work for {@link SETTLED_AFTER} calls had; agents that all begin at once spread out by then. */
  settled: number[];
  /** From the start of the node to that of the next one, or the end of the run: the commits between them included. */
  turn: number[];
  /** Of `call`: until the model had it, */
  before: number[];
  /** and since the model had answered. */
  after: number[];
}

/** Calls of a run before it counts as one that has been at work for some time. */
const SETTLED_AFTER = 10;

interface Row {
  run_id: string;
  node_id: string | null;
  type: 'node.started' | 'step.completed' | 'run.completed';
  at: number;
}

/** Node after node, so that what is left of a run after a node's start is the next node's. */
const JOURNAL = `SELECT run_id, node_id, type, at FROM journal
  WHERE type IN ('node.started', 'step.completed', 'run.completed') ORDER BY run_id, seq`;

/**
 * Puts the journals of a stage beside what the model has noted. Runs that asked it before are left out, and so are calls that were made again, for their
 * run was taken over; `turn` says something of agents that come one after the other.
 * @throws Error where a call is missing in the journal.
 */
export async function readOverhead(stage: Stage, calls: readonly ModelCall[]): Promise<CallOverhead> {
  const rows = (await stage.readRows(JOURNAL)) as unknown as Row[];
  const byKey = Map.groupBy(calls, ({ key }) => key);
  const noted = new Map([...byKey].flatMap(([key, [call, ...others]]) => (others.length === 0 ? [[key, call!]] : [])));
  const runs = Map.groupBy(rows, (row) => row.run_id);
  const overhead: CallOverhead = { call: [], settled: [], turn: [], before: [], after: [] };
  for (const run of runs.values()) addRun(overhead, run, noted);
  if (overhead.call.length !== noted.size) throw new Error(`${noted.size} calls, ${overhead.call.length} in the journal`);
  for (const list of Object.values(overhead) as number[][]) list.sort((a, b) => a - b);
  return overhead;
}

function addRun(overhead: CallOverhead, rows: readonly Row[], noted: ReadonlyMap<string, ModelCall>): void {
  const answered = new Map(rows.filter(({ type }) => type === 'step.completed').map((row) => [row.node_id, row.at]));
  const marks = rows.filter(({ type }) => type !== 'step.completed');
  for (const [index, { run_id: runId, node_id: nodeId, at: startedAt }] of marks.entries()) {
    const call = noted.get(`${runId}/${nodeId}/1/model`);
    const answeredAt = answered.get(nodeId);
    if (call === undefined || answeredAt === undefined) continue;
    const heldMs = call.answeredAt - call.cameAt;
    overhead.call.push(answeredAt - startedAt - heldMs);
    if (index >= SETTLED_AFTER) overhead.settled.push(answeredAt - startedAt - heldMs);
    overhead.turn.push(marks[index + 1]!.at - startedAt - heldMs);
    overhead.before.push(call.cameAt - startedAt);
    overhead.after.push(answeredAt - call.answeredAt);
  }
}

/** Calls beyond the first under the same key. */
export function callsAgain(calls: readonly ModelCall[]): number {
  return calls.length - new Set(calls.map(({ key }) => key)).size;
}

/** p50, p95 and the most. */
export function quantiles(sorted: readonly number[]): number[] {
  return [quantile(sorted, 0.5), quantile(sorted, 0.95), sorted.at(-1)!];
}
