import { z } from 'zod';
import type { Chunk, DocumentInfo, PassageHit } from '@baton/core';
import type { IngestOutcome, NewDocument, NewUpload } from '@baton/engine';
import { Cursor, Limit } from './page.js';
import { Instant, toInstant, toInstantOrNull } from './json.js';

const MediaType = z.enum(['text/plain', 'text/markdown']);

const DocumentBody = z.strictObject({
  text: z.string().min(1),
  title: z.string().trim().min(1).max(200).optional(),
  source: z.string().trim().min(1).max(2_000).optional(),
  media_type: MediaType.default('text/plain'),
});
type DocumentBody = z.infer<typeof DocumentBody>;

/** One document, or many under `documents`. */
export const IngestBody = z.union([DocumentBody, z.strictObject({ documents: z.array(DocumentBody).min(1) })]);
export type IngestBody = z.infer<typeof IngestBody>;

/** Documents of a tenant, page by page. */
export const DocumentsQuery = z.strictObject({
  title_prefix: z.string().min(1).max(200).optional().describe('Only documents whose title begins so.'),
  source_prefix: z.string().min(1).max(2_000).optional().describe('Only documents whose source begins so.'),
  limit: Limit,
  cursor: Cursor,
});
export type DocumentsQuery = z.infer<typeof DocumentsQuery>;

const IngestedReply = z.object({
  status: z.literal('ingested'),
  id: z.string(),
  title: z.string(),
  source: z.string().nullable(),
  bytes: z.int(),
  chunks: z.int(),
  created: z.boolean().describe('False: the same text was there already.'),
});
const RefusedReply = z.object({
  status: z.literal('refused'),
  title: z.string().nullable(),
  source: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }),
});
export const IngestReply = z.object({
  ingested: z.int().describe('Documents that are there now.'),
  refused: z.int(),
  documents: z.array(z.discriminatedUnion('status', [IngestedReply, RefusedReply])),
});
export type IngestReply = z.infer<typeof IngestReply>;

export type DocumentReply = z.infer<typeof DocumentReply>;
export const DocumentReply = z.object({
  id: z.string(),
  title: z.string(),
  source: z.string().nullable(),
  media_type: z.string(),
  content_hash: z.string(),
  bytes: z.int(),
  chunks: z.int(),
  created_at: Instant,
  indexed_at: Instant.nullable(),
});

export const PassagesQuery = z.strictObject({
  from: z.coerce.number().int().min(0).default(0).describe('The index of the first one.'),
  limit: Limit,
});
export type PassagesQuery = z.infer<typeof PassagesQuery>;

const PassageReply = z.object({ chunk_id: z.string(), index: z.int(), text: z.string() });
export const PassagesReply = z.object({ items: z.array(PassageReply), next_from: z.int().nullable() });
export type PassagesReply = z.infer<typeof PassagesReply>;

export const SearchBody = z.strictObject({
  query: z.string().trim().min(1).max(4_000),
  top_k: z.int().min(1).max(100).optional().describe('As the retrieval configuration says when it is left out.'),
  document_ids: z.array(z.string().min(1).max(64)).max(1_000).optional(),
});
export type SearchBody = z.infer<typeof SearchBody>;

const HitReply = z.object({
  chunk_id: z.string(),
  document_id: z.string(),
  title: z.string(),
  source: z.string().nullable(),
  index: z.int(),
  text: z.string(),
  score: z.number().describe('Cosine similarity: 1 is the same direction.'),
});
export const SearchReply = z.object({ items: z.array(HitReply) });

export function documentsOf(body: IngestBody): DocumentBody[] {
  return 'documents' in body ? body.documents : [body];
}

export function toNewDocuments(body: IngestBody): NewDocument[] {
  return documentsOf(body).map(toNewDocument);
}

export function toIngestReply(outcomes: readonly IngestOutcome[]): IngestReply {
  const ingested = outcomes.filter((outcome) => outcome.kind === 'ingested').length;
  return { ingested, refused: outcomes.length - ingested, documents: outcomes.map(toOutcomeReply) };
}

export function toDocumentReply(document: DocumentInfo): z.infer<typeof DocumentReply> {
  return {
    id: document.id,
    title: document.title,
    source: document.source,
    media_type: document.mediaType,
    content_hash: document.contentHash,
    bytes: document.bytes,
    chunks: document.chunkCount,
    created_at: toInstant(document.createdAt),
    indexed_at: toInstantOrNull(document.indexedAt),
  };
}

/** A page of passages, of one more than was asked for. */
export function toPassagesReply(chunks: readonly Chunk[], { from, limit }: PassagesQuery): PassagesReply {
  const items = chunks.slice(0, limit).map(({ id, index, text }) => ({ chunk_id: id, index, text }));
  return { items, next_from: chunks.length > limit ? from + limit : null };
}

export function toHitReply(hit: PassageHit): z.infer<typeof HitReply> {
  const { chunkId, documentId, title, source, index, text, score } = hit;
  return { chunk_id: chunkId, document_id: documentId, title, source, index, text, score };
}

/** A document of a JSON body, to be ingested by a run. */
export function toNewUpload({ text, title, source, media_type: mediaType }: DocumentBody): NewUpload {
  return { name: source ?? null, title: title ?? null, mediaType, bytes: Buffer.from(text) };
}

function toNewDocument({ title, source, text, media_type }: DocumentBody): NewDocument {
  return { text, media_type, ...(title !== undefined && { title }), ...(source !== undefined && { source }) };
}

function toOutcomeReply(outcome: IngestOutcome): IngestReply['documents'][number] {
  if (outcome.kind === 'refused') {
    const { title, source, error } = outcome;
    return { status: 'refused', title, source, error: { code: error.code, message: error.message } };
  }
  const { kind: status, ...document } = outcome;
  return { status, ...document };
}
