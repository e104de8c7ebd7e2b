import { z } from 'zod';
import type { DefinitionDiff, Revision } from '@baton/core';
import type { CurrentDefinition, PatchPreview } from '@baton/engine';
import { Reason } from './control.js';
import { AnyJson, Instant, toInstant, toInstantOrNull } from './json.js';
import { Limit } from './page.js';
import { ProblemEntry } from './problem.js';

export const PatchBody = z.strictObject({
  patch: AnyJson.describe('Operations of RFC 6902 on the definition; `/nodes/-` appends a node.'),
  revision: z.int().min(0).optional().describe('The revision that the patch was made for; without it, whichever the run has.'),
  reason: Reason.optional(),
  dry_run: z.boolean().default(false).describe('Only say what it would make, and what stands against it.'),
});
export type PatchBody = z.infer<typeof PatchBody>;

export const UndoBody = z.strictObject({
  revision: z.int().min(0).describe('The revision to undo: the one that the run has.'),
  reason: Reason.optional(),
});
export type UndoBody = z.infer<typeof UndoBody>;

export const RevisionsQuery = z.strictObject({ limit: Limit, before: z.coerce.number().int().min(1).optional() });
export type RevisionsQuery = z.infer<typeof RevisionsQuery>;

const Edges = z.array(z.object({ from: z.string(), to: z.string().describe('Depends on `from`.') }));
const Diff = z.object({
  nodes: z.object({ added: z.array(z.string()), changed: z.array(z.string()), removed: z.array(z.string()) }),
  edges: z.object({ added: Edges, removed: Edges }),
  fields: z.array(z.string()).describe('Fields of the workflow besides its nodes.'),
});

export const DefinitionQuery = z.strictObject({
  revision: z.coerce.number().int().min(0).optional().describe('That of this revision, refused ones included; 0: as submitted.'),
});
export type DefinitionQuery = z.infer<typeof DefinitionQuery>;

export const RevisionReply = z.object({
  run_id: z.string(),
  revision: z.int(),
  status: z
    .enum(['waiting', 'applied', 'refused'])
    .describe('Whether the run goes on with it; `waiting`: its next decision says so.'),
  digest: z.string(),
  previous_digest: z.string(),
  patch: z.array(z.unknown()),
  diff: Diff,
  by: z.string().describe('A caller, or `node:<id>`.'),
  reason: z.string(),
  at: Instant,
  answered_at: Instant.nullable(),
  refusal: z.string().nullable(),
});
export type RevisionReply = z.infer<typeof RevisionReply>;

export const RevisionsReply = z.object({
  items: z.array(RevisionReply),
  next_before: z.int().nullable().describe('Null on the last page.'),
});
export type RevisionsReply = z.infer<typeof RevisionsReply>;

export const PreviewReply = z.object({
  run_id: z.string(),
  dry_run: z.literal(true),
  valid: z.boolean(),
  revision: z.int().describe('The revision that the patch was held against.'),
  diff: Diff.nullable().describe('Null where the patch makes no definition.'),
  problems: z.array(ProblemEntry),
  warnings: z.array(ProblemEntry),
});
export type PreviewReply = z.infer<typeof PreviewReply>;

export const DefinitionReply = z.object({
  run_id: z.string(),
  revision: z.int(),
  digest: z.string(),
  definition: z.record(z.string(), z.unknown()),
});
export type DefinitionReply = z.infer<typeof DefinitionReply>;

export function toRevisionReply(revision: Revision): RevisionReply {
  const { runId, previousDigest, patch, diff, at, answeredAt, tenantId: _tenant, token: _token, ...same } = revision;
  return {
    ...same,
    run_id: runId,
    previous_digest: previousDigest,
    patch: [...patch],
    diff: toDiff(diff),
    at: toInstant(at),
    answered_at: toInstantOrNull(answeredAt),
  };
}

export function toRevisionsReply(revisions: readonly Revision[], limit: number): RevisionsReply {
  const last = revisions.at(-1);
  const isLast = revisions.length < limit || last === undefined || last.revision === 1;
  return { items: revisions.map(toRevisionReply), next_before: isLast ? null : last.revision };
}

export function toPreviewReply(runId: string, { base, diff, problems, warnings }: PatchPreview): PreviewReply {
  return {
    ...{ run_id: runId, dry_run: true, valid: problems.length === 0, revision: base },
    ...{ diff: diff === null ? null : toDiff(diff), problems: [...problems], warnings: [...warnings] },
  };
}

export function toDefinitionReply(runId: string, { revision, digest, definition }: CurrentDefinition): DefinitionReply {
  return { run_id: runId, revision, digest, definition };
}

function toDiff({ nodes, edges, fields }: DefinitionDiff): z.infer<typeof Diff> {
  return { nodes, edges: { added: [...edges.added], removed: [...edges.removed] }, fields: [...fields] };
}
