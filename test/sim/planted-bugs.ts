import { BatonError, type AppendOutcome, type AppendRequest } from '@baton/core';
import { MemoryRunStore } from '../support/in-memory/index.js';
import type { PlantedBug } from './cluster.js';

/** The stale holder that reads the head of the journal again and appends. */
class WithoutEpochCheck extends MemoryRunStore {
  protected override commitAppend(request: AppendRequest): AppendOutcome {
    const { epoch, seq } = this.db.runs.get(request.runId)!;
    return super.commitAppend({ ...request, epoch, baseSeq: seq });
  }
}

/** Says that events are kept before they are: what they lead to begins before the commit. */
class AppliedBeforeAppend extends MemoryRunStore {
  override async append(request: AppendRequest): Promise<AppendOutcome> {
    if (request.settle !== undefined) return super.append(request);
    void super.append(request).catch(() => undefined);
    return { kind: 'appended', seq: request.baseSeq + request.events.length };
  }
}

/** Takes an ambiguous answer for a refusal, reads the head again and appends the same once more. */
class SettledTwice extends MemoryRunStore {
  override async append(request: AppendRequest): Promise<AppendOutcome> {
    try {
      return await super.append(request);
    } catch (error) {
      if (!(error instanceof BatonError)) throw error;
      return super.append({ ...request, baseSeq: this.db.runs.get(request.runId)!.seq });
    }
  }
}

/** A bug, and how it shows. */
export const PLANTED_BUGS: readonly (PlantedBug & { showsAs: RegExp })[] = [
  {
    name: 'skip the epoch check',
    runStore: WithoutEpochCheck,
    showsAs: /has two outcomes|was settled before|was never claimed|only terminal event/,
  },
  { name: 'apply before append', runStore: AppliedBeforeAppend, showsAs: /before the outcome of \w+ was in the journal/ },
  {
    name: 'settle again after a lost reply',
    runStore: SettledTwice,
    showsAs: /has two outcomes|was settled before|is recorded twice/,
  },
  { name: 'drop wake-ups', noWaker: true, showsAs: /has not ended/ },
  {
    name: 'keys that are not stable',
    keyOf: ({ idempotencyKey, attempt }) => `${idempotencyKey}/${attempt}`,
    showsAs: /had effects under \d+ keys/,
  },
];
