import type { JournalEvent } from '@baton/core';
import type { World } from '../support/in-memory/index.js';

/** Every patch that was accepted is answered when its run has ended, once, and as its journal says. */
export function* patchProblems(world: World, runId: string, events: readonly JournalEvent[]): Generator<string> {
  const answers = new Map<number, 'applied' | 'refused'>();
  for (const { type, payload } of events) {
    if (type !== 'run.patched' && type !== 'run.patch_refused') continue;
    if (answers.has(payload.revision)) yield `revision ${payload.revision} is answered twice`;
    answers.set(payload.revision, type === 'run.patched' ? 'applied' : 'refused');
  }
  const revisions = world.db.revisions.filter((revision) => revision.runId === runId);
  for (const { revision, status } of revisions) {
    const answer = answers.get(revision) ?? 'refused';
    if (status !== answer) yield `revision ${revision} is ${status}, its journal says ${answer}`;
    answers.delete(revision);
  }
  for (const revision of answers.keys()) yield `revision ${revision} is answered, and nobody has made it`;
  if (world.run(runId).revision !== revisions.length)
    yield `its row has revision ${world.run(runId).revision}, it was patched ${revisions.length} times`;
}
