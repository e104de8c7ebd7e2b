import { RUN_HAD_ENDED, type DefinitionDiff, type PatchOperation, type Revision, type RevisionAnswer } from '@baton/core';
import type { RunHead } from './run-head.js';
import type { WriteRequest } from './write-request.js';

/** A row of the table `revisions`; `patch` and `diff` are JSON text. */
export type RevisionRow = Omit<Revision, 'patch' | 'diff' | 'by'> & {
  readonly patch: string;
  readonly diff: string;
  readonly author: string;
};

/** Selects rows as {@link RevisionRow}. */
export const REVISION_SELECT = [
  ...['revisions.run_id AS runId', 'revisions.revision', 'revisions.tenant_id AS tenantId', 'revisions.status'],
  ...['revisions.digest', 'revisions.previous_digest AS previousDigest', 'revisions.patch', 'revisions.diff'],
  ...['revisions.author', 'revisions.reason', 'revisions.at', 'revisions.answered_at AS answeredAt'],
  ...['revisions.refusal', 'revisions.token'],
].join(', ');

/** The columns of a row, in the order of {@link revisionValues}. */
export const REVISION_COLUMNS = [
  ...['run_id', 'revision', 'tenant_id', 'status', 'digest', 'previous_digest', 'patch', 'diff', 'author', 'reason', 'at'],
  ...['answered_at', 'refusal', 'token'],
];

export function revisionValues(row: Revision): unknown[] {
  return [
    ...[row.runId, row.revision, row.tenantId, row.status, row.digest, row.previousDigest, JSON.stringify(row.patch)],
    ...[JSON.stringify(row.diff), row.by, row.reason, row.at, row.answeredAt, row.refusal, row.token],
  ];
}

export function revisionOf({ patch, diff, author, ...row }: RevisionRow): Revision {
  return { ...row, by: author, patch: JSON.parse(patch) as PatchOperation[], diff: JSON.parse(diff) as DefinitionDiff };
}

/** What a batch asks of revisions that there are: run and token of each patch. */
export function patchKeys(batch: readonly WriteRequest[]): [runId: string, token: string][] {
  return batch.flatMap((request): [string, string][] => (request.kind === 'patch' ? [[request.runId, request.draft.token]] : []));
}

/** A revision that gets its answer: whether the run goes on with it. */
export type AnsweredRevision = RevisionAnswer & { readonly runId: string };

/** The revisions as a batch leaves them. */
export class RevisionBook {
  readonly made: Revision[] = [];
  readonly answered: AnsweredRevision[] = [];
  /** Runs that have ended: what of theirs still waits is refused. */
  readonly endedRuns: { readonly runId: string; readonly at: number; readonly refusal: string }[] = [];
  private readonly known: Revision[];

  constructor(rows: readonly RevisionRow[]) {
    this.known = rows.map(revisionOf);
  }

  /** The revision that a request with this token has made. */
  find(runId: string, token: string): Revision | undefined {
    return this.known.find((revision) => revision.runId === runId && revision.token === token);
  }

  make(revision: Revision): void {
    this.known.push(revision);
    this.made.push(revision);
  }

  answer(runId: string, answer: RevisionAnswer): void {
    this.answered.push({ runId, ...answer });
  }

  /** A run that was never patched has nothing that waits. */
  end({ id: runId, revision, finishedAt }: RunHead): void {
    if (revision > 0) this.endedRuns.push({ runId, at: finishedAt!, refusal: RUN_HAD_ENDED });
  }
}
