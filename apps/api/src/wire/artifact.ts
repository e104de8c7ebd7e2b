import { z } from 'zod';
import type { Artifact } from '@baton/core';
import { Instant, toInstant } from './json.js';
import { Cursor, Limit } from './page.js';
import { runPath } from './run.js';

export const ArtifactsQuery = z.strictObject({ run_id: z.string().min(1).max(64).optional(), limit: Limit, cursor: Cursor });
export type ArtifactsQuery = z.infer<typeof ArtifactsQuery>;

export const ArtifactReply = z.object({
  id: z.string(),
  run_id: z.string(),
  node_id: z.string().nullable().describe('The node that has made it; null: it was made for the run as a whole.'),
  name: z.string(),
  media_type: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  created_at: Instant,
  links: z.object({ content: z.string(), run: z.string() }),
});
export type ArtifactReply = z.infer<typeof ArtifactReply>;

export function toArtifactReply(artifact: Artifact): ArtifactReply {
  return {
    id: artifact.id,
    run_id: artifact.runId,
    node_id: artifact.nodeId,
    name: artifact.name,
    media_type: artifact.mediaType,
    sha256: artifact.digest,
    bytes: artifact.bytes,
    created_at: toInstant(artifact.createdAt),
    links: { content: `/api/v1/artifacts/${artifact.id}`, run: runPath(artifact.runId) },
  };
}

/** Says that the bytes are a file to keep, under its name (RFC 6266): as it is where that is ASCII, and in UTF-8 for who reads that. */
export function contentDisposition(name: string): string {
  const plain = name.replace(/[^ !#$&+.\w()[\]{}@=,;^~-]/g, '_');
  const encoded = encodeURIComponent(name).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
