import { BatonError, type Clock, type DeadLetter, type DeadLetterQuery, type DeadLetterStore } from '@baton/core';
import type { RunForker } from './fork-run.js';

export interface DeadLetterRequest {
  tenantId: string;
  runId: string;
  by: string;
}

export interface DeadLetterBulk {
  action: 'replay' | 'discard';
  filter: Omit<DeadLetterQuery, 'limit' | 'before' | 'status'>;
  /** Letters at most, newest first. */
  limit: number;
  by: string;
}

export interface DeadLetterBulkOutcome {
  done: DeadLetter[];
  refused: { runId: string; code: string; detail: string }[];
  /** There are more letters than the limit. */
  more: boolean;
}

/** Requests under way at once: they share the group commits. */
const AT_ONCE = 50;

/** Replays and discards dead letters. */
export class DeadLetters {
  constructor(private readonly parts: { letters: DeadLetterStore; forker: Pick<RunForker, 'retry'>; clock: Clock }) {}

  /** @throws BatonError `dead_letter_not_found`. */
  async require(tenantId: string, runId: string): Promise<DeadLetter> {
    const letter = await this.parts.letters.find(tenantId, runId);
    if (letter !== null) return letter;
    throw new BatonError('dead_letter_not_found', `The run \`${runId}\` has left no dead letter.`, { run_id: runId });
  }

  /**
   * Forks the run from what failed in it, once: asked again, also after a crash in between, it answers with the run of the first time.
   * @throws BatonError `dead_letter_not_found`, `dead_letter_discarded`, and what a retry throws.
   */
  async replay({ tenantId, runId, by }: DeadLetterRequest): Promise<DeadLetter> {
    const letter = await this.require(tenantId, runId);
    if (letter.status === 'replayed') return letter;
    if (letter.status === 'discarded') {
      throw new BatonError('dead_letter_discarded', `The dead letter \`${runId}\` was discarded.`, { run_id: runId });
    }
    const idempotency = { key: `dead-letter:${runId}`, requestDigest: `replay ${runId}`.slice(0, 64) };
    const { run } = await this.parts.forker.retry(tenantId, runId, idempotency, by);
    const resolution = { status: 'replayed', replayRunId: run.id, at: this.parts.clock.now(), by } as const;
    return (await this.parts.letters.resolve(tenantId, runId, resolution))!;
  }

  /** Puts a letter aside. @throws BatonError `dead_letter_not_found`. */
  async discard({ tenantId, runId, by }: DeadLetterRequest): Promise<DeadLetter> {
    await this.require(tenantId, runId);
    const resolution = { status: 'discarded', at: this.parts.clock.now(), by } as const;
    return (await this.parts.letters.resolve(tenantId, runId, resolution))!;
  }

  /** Does the same to many open letters, each for itself. */
  async execute({ action, filter, limit, by }: DeadLetterBulk): Promise<DeadLetterBulkOutcome> {
    const letters = await this.parts.letters.list({ ...filter, status: 'open', limit: limit + 1 });
    const outcome: DeadLetterBulkOutcome = { done: [], refused: [], more: letters.length > limit };
    for (let start = 0; start < Math.min(letters.length, limit); start += AT_ONCE) {
      const some = letters.slice(start, Math.min(start + AT_ONCE, limit));
      await Promise.all(some.map(({ tenantId, runId }) => this.act(action, { tenantId, runId, by }, outcome)));
    }
    return outcome;
  }

  private async act(action: DeadLetterBulk['action'], request: DeadLetterRequest, outcome: DeadLetterBulkOutcome): Promise<void> {
    try {
      outcome.done.push(await this[action](request));
    } catch (error) {
      if (!(error instanceof BatonError) || error.code === 'storage_unavailable') throw error;
      outcome.refused.push({ runId: request.runId, code: error.code, detail: error.message });
    }
  }
}
