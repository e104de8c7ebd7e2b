import { NodeHandler, readChunkPayload, type Embedder, type JsonValue, type NodeContext, type VectorStore } from '@baton/core';
import { z } from 'zod';
import { parseConfig, readQuestion } from './node-config.js';
import type { Passage } from './passage.js';

const RetrieveConfig = z.strictObject({
  /** Asked instead of the question in the run's input. */
  query: z.string().trim().min(1).optional(),
  /** Passages wanted, unless the run's input says otherwise. */
  top_k: z.int().min(1).max(50).default(5),
  /** Only in these documents. */
  document_ids: z.array(z.string()).optional(),
});

/** Finds the passages that are nearest to the question and numbers them, best first, from 1. */
export class RetrieveNode extends NodeHandler {
  readonly type = 'retrieve';

  constructor(
    private readonly vectors: VectorStore,
    private readonly embedder: Embedder,
  ) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = parseConfig(context, RetrieveConfig);
    const asked = config.query === undefined ? readQuestion(context.input) : { question: config.query, topK: null };
    const passages = await context.step('search', async (signal): Promise<Passage[]> => {
      const [vector] = await this.embedder.embed([asked.question], signal);
      const hits = await this.vectors.search({
        tenantId: context.tenantId,
        vector: vector!,
        limit: asked.topK ?? config.top_k,
        documentIds: config.document_ids,
      });
      return hits.map(({ id, documentId, score, payload }, index) => {
        const { title, text } = readChunkPayload(payload);
        return { n: index + 1, chunk_id: id, document_id: documentId, title, text, score };
      });
    });
    return { question: asked.question, passages };
  }
}
