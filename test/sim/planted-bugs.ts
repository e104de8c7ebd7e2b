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

/** A run that is parked gives up its place. */
class PlaceGivenUp extends MemoryRunStore {
  protected override commitAppend(request: AppendRequest): AppendOutcome {
    const outcome = super.commitAppend(request);
    const isParked = outcome.kind === 'appended' && request.settle?.kind === 'park';
    if (isParked) this.db.places.rows = this.db.places.rows.filter(({ runId }) => runId !== request.runId);
    return outcome;
  }
}

/** Journals that children start, and lets them become runs in a commit of their own, which a crash or another owner may prevent. */
class ChildrenWithoutTheirCommit extends MemoryRunStore {
  override async append({ starts, ...request }: AppendRequest): Promise<AppendOutcome> {
    const outcome = await super.append(request);
    if (starts === undefined || outcome.kind !== 'appended') return outcome;
    const { seq } = this.db.runs.get(request.runId)!;
    return super.append({ ...request, baseSeq: seq, events: [], consumed: [], starts });
  }
}

/** Tells the parent of an end, and not of the output. */
class ParentToldWrongly extends MemoryRunStore {
  override append(request: AppendRequest): Promise<AppendOutcome> {
    const { settle } = request;
    if (settle?.kind !== 'end' || settle.tells?.payload['status'] !== 'completed') return super.append(request);
    const tells = { ...settle.tells, payload: { ...settle.tells.payload, output: null } };
    return super.append({ ...request, settle: { ...settle, tells } });
  }
}

/** A bug, and how it shows. */
export const PLANTED_BUGS: readonly (PlantedBug & { showsAs: RegExp })[] = [
  {
    name: 'skip the epoch check',
    runStore: WithoutEpochCheck,
    showsAs:
      /has two outcomes|was settled before|was never claimed|only terminal event|was not in work|though it was settled|is claimed twice/,
  },
  { name: 'apply before append', runStore: AppliedBeforeAppend, showsAs: /before the outcome of \w+ was in the journal/ },
  {
    name: 'settle again after a lost reply',
    runStore: SettledTwice,
    showsAs: /has two outcomes|was settled before|is recorded twice/,
  },
  { name: 'give up the place of a parked run', runStore: PlaceGivenUp, showsAs: /runs are live/ },
  {
    name: 'start children without their commit',
    runStore: ChildrenWithoutTheirCommit,
    showsAs: /were started, there are|has not ended/,
  },
  { name: 'tell the parent wrongly', runStore: ParentToldWrongly, showsAs: /another output of/ },
  { name: 'drop wake-ups', noWaker: true, showsAs: /has not ended/ },
  {
    name: 'keys that are not stable',
    keyOf: ({ idempotencyKey, attempt }) => `${idempotencyKey}/${attempt}`,
    showsAs: /had effects under \d+ keys/,
  },
];
