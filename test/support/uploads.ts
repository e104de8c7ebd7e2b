import { randomUUID } from 'node:crypto';
import type { Upload } from '@baton/core';

/** An upload of a run of its own, changed as the test wants it. */
export function uploadFor(change: Partial<Upload> = {}): Upload {
  return {
    ...{ tenantId: 'default', runId: randomUUID(), position: 0, name: 'docs/ä.pdf', title: null, mediaType: 'application/pdf' },
    ...{ digest: 'd'.repeat(64), bytes: 10, refusal: null, createdAt: 1_000 },
    ...change,
  };
}
