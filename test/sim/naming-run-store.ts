import type { Submission, SubmitOutcome } from '@baton/core';
import { MemoryRunStore } from '../support/in-memory/index.js';

/** Names the runs that come without a name of their own: an id that holds chance would order rows otherwise in each play of a seed. */
export class NamingRunStore extends MemoryRunStore {
  override submit(submission: Submission): Promise<SubmitOutcome> {
    const isNamed = submission.runId.startsWith('started-');
    return super.submit(isNamed ? submission : { ...submission, runId: `filed-${this.db.nextId()}` });
  }
}
