import { z } from 'zod';
import { RagSettingsSchema, type RagSettings } from '@baton/core';
import type { RagConfigChange, RagConfigView } from '@baton/engine';
import { Instant, toInstant } from './json.js';

const { shape } = RagSettingsSchema;
const Settings = z.object({
  collection: shape.collection.describe('Leads the names of the collections in the vector store.'),
  model: shape.model.describe('The embedding model; `local-hash-v1` needs no service.'),
  dimensions: shape.dimensions.describe('Numbers in a vector.'),
  chunk_size: shape.chunkSize.describe('Characters of a chunk at most.'),
  chunk_overlap: shape.chunkOverlap.describe('Characters that neighbouring chunks share at most.'),
  top_k: shape.topK.describe('Passages that a search gives unless it asks for another number.'),
});

/** A change: fields that are left out stay as they are. */
export const RagConfigBody = z.strictObject({
  ...Settings.partial().shape,
  revision: z.int().min(0).describe('The revision that the caller has read.'),
});
export type RagConfigBody = z.infer<typeof RagConfigBody>;

export const RagConfigReply = Settings.extend({
  revision: z.int().describe('Rises with each change; 0 while the defaults hold.'),
  status: z.enum(['active', 'reembedding', 'failed']),
  next: Settings.nullable().describe('What a re-embedding run is building, or failed to build.'),
  reembed_run_id: z.string().nullable().describe('The last re-embedding run.'),
  error: z.object({ code: z.string(), message: z.string() }).nullable().describe('Why the run failed.'),
  updated_at: Instant,
});
export type RagConfigReply = z.infer<typeof RagConfigReply>;

export function toRagChange({ revision, ...body }: RagConfigBody): RagConfigChange {
  const { chunk_size, chunk_overlap, top_k, collection, model, dimensions } = body;
  return {
    revision,
    settings: {
      ...(collection !== undefined && { collection }),
      ...(model !== undefined && { model }),
      ...(dimensions !== undefined && { dimensions }),
      ...(chunk_size !== undefined && { chunkSize: chunk_size }),
      ...(chunk_overlap !== undefined && { chunkOverlap: chunk_overlap }),
      ...(top_k !== undefined && { topK: top_k }),
    },
  };
}

export function toRagConfigReply({ config, status, error }: RagConfigView): RagConfigReply {
  return {
    ...toSettings(config.active),
    revision: config.revision,
    status,
    next: config.next === null ? null : toSettings(config.next),
    reembed_run_id: config.runId,
    error: error === null ? null : { code: error.code, message: error.message },
    updated_at: toInstant(config.updatedAt),
  };
}

function toSettings({ chunkSize, chunkOverlap, topK, ...settings }: RagSettings): z.infer<typeof Settings> {
  return { ...settings, chunk_size: chunkSize, chunk_overlap: chunkOverlap, top_k: topK };
}
