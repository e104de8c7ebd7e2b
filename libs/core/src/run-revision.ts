import { createHash } from 'node:crypto';
import type { DefinitionDiff } from './definition-diff.js';
import type { EventDraft } from './journal-event.js';
import type { PatchOperation } from './json-patch.js';
import type { JsonObject, JsonValue } from './json.js';
import { canonicalJson } from './workflow-definition.js';

/** `waiting`: for the run's next decision; `refused`: a node had started meanwhile, or the run had ended. Its number stays taken. */
export type RevisionStatus = 'waiting' | 'applied' | 'refused';

/** A patch of a run, kept for ever: revision n is what the n-th patch makes of its definition; 0 is what was submitted. */
export interface Revision {
  readonly runId: string;
  readonly tenantId: string;
  readonly revision: number;
  readonly status: RevisionStatus;
  /** Of the definition that it makes, and of the one that it was made from. */
  readonly digest: string;
  readonly previousDigest: string;
  readonly patch: readonly PatchOperation[];
  readonly diff: DefinitionDiff;
  /** Who asked for it: a caller, or a node of the run. */
  readonly by: string;
  readonly reason: string;
  readonly at: number;
  /** When the run took it up or refused it. */
  readonly answeredAt: number | null;
  /** Why it was refused. */
  readonly refusal: string | null;
  /** Of the request that made it: a request that comes again is the same. */
  readonly token: string;
}

/** A patch to make the next revision of a run of. */
export interface RevisionDraft extends Pick<
  Revision,
  'runId' | 'digest' | 'previousDigest' | 'patch' | 'diff' | 'by' | 'reason' | 'at' | 'token'
> {
  /** The revision that it was made from: refused when the run has another by then. */
  readonly base: number;
}

export type PatchOutcome =
  | { kind: 'patched'; revision: Revision }
  /** The run has another revision: nothing was written. */
  | { kind: 'stale'; revision: number }
  | { kind: 'ended' }
  | { kind: 'missing' };

export interface RevisionQuery {
  runId: string;
  /** Only the one that a request with this token made. */
  token?: string;
  /** Leave out what was refused. */
  standing?: boolean;
  /** Keyset: revisions before this one, newest first. */
  before?: number;
  limit: number;
}

/** The revision that a draft makes. */
export function draftedRevision({ base, ...draft }: RevisionDraft, tenantId: string): Revision {
  return { ...draft, tenantId, revision: base + 1, status: 'waiting', answeredAt: null, refusal: null };
}

/** The payload of the signal that tells a run of a revision. */
export function patchPayload({ base, digest, previousDigest, by, reason }: RevisionDraft): JsonObject {
  return { revision: base + 1, digest, previous_digest: previousDigest, by, reason };
}

/** The token of a patch that a caller sends: the same patch of the same revision by the same caller is the same request. */
export function patchToken(request: JsonValue): string {
  return createHash('sha256').update(canonicalJson(request)).digest('hex');
}

/** What an event of the journal says of a revision. */
export type RevisionAnswer = Pick<Revision, 'revision' | 'status' | 'answeredAt' | 'refusal'>;

/** How revisions stand is a view of the journal, kept in the commits that write it. */
export function revisionAnswers(events: readonly EventDraft[]): RevisionAnswer[] {
  return events.flatMap(({ type, payload, at: answeredAt }): RevisionAnswer[] => {
    if (type === 'run.patched') return [{ revision: payload.revision, status: 'applied', answeredAt, refusal: null }];
    if (type !== 'run.patch_refused') return [];
    return [{ revision: payload.revision, status: 'refused', answeredAt, refusal: payload.error.message }];
  });
}

/** Why a revision that waits when its run ends is refused. */
export const RUN_HAD_ENDED = 'The run had ended before it could take the patch up.';
