import type { JournalEvent } from '@baton/core';
import type { World } from '../support/in-memory/index.js';
import type { SimGraph } from './graph-draft.js';
import type { Trace } from './trace.js';

const SHOWN_EVENTS = 30;
const SHOWN_LINES = 60;

/** A seed that fails, for people: how to play it again, what is wrong, what was planned, what happened, and how the journals end. */
export function describeFailure(
  seed: number,
  parts: { violations: readonly string[]; graph: SimGraph; trace: Trace; world: World },
): string {
  const { violations, graph, trace, world } = parts;
  return [
    `seed ${seed} fails: npm run sim -- --seed ${seed}`,
    ...violations.map((violation) => `  ${violation}`),
    `plan, ${graph.concurrency} at once${graph.racy ? ', racy' : ''}:`,
    ...Object.keys(graph.nodes).map((id) => `  ${describeNode(id, graph)}`),
    'faults and people:',
    ...trace.tail(SHOWN_LINES, (line) => / (fault|people): /.test(line)).map((line) => `  ${line}`),
    ...[...world.db.journals].flatMap(([runId, events]) => [
      `journal of ${trace.nameOf(runId)} = ${runId}, the last of ${events.length} events:`,
      ...events.slice(-SHOWN_EVENTS).map((event) => `  ${describeEvent(event).slice(0, 220)}`),
    ]),
  ].join('\n');
}

/** One line of the journal. */
export function describeEvent({ seq, epoch, type, nodeId, visit, attempt, at, payload }: JournalEvent): string {
  const subject = nodeId === null ? '' : ` ${nodeId} ${visit}/${attempt}`;
  return `${seq} e${epoch} ${at} ${type}${subject} ${JSON.stringify(payload)}`;
}

function describeNode(id: string, { nodes, kinds }: SimGraph): string {
  const { depends_on: after = [], ...node } = nodes[id]!;
  return `${id} (${kinds[id]})${after.length === 0 ? '' : ` after ${after.join(', ')}`} ${JSON.stringify(node)}`;
}
