import type { Passage } from '@baton/agents';
import { NodeHandler, type JsonValue, type NodeContext, type PassageSearch } from '@baton/core';
import { z } from 'zod';
import { parseConfig, readQuestion } from './node-config.js';

const RetrieveConfig = z.strictObject({
  /** Asked instead of the question in the run's input. */
  query: z.string().trim().min(1).optional(),
  /** Passages wanted, unless the run's input says otherwise; as the retrieval configuration says where neither does. */
  top_k: z.int().min(1).max(50).optional(),
  /** The number of the first passage: agents that work on several searches cite one numbering. */
  number_from: z.int().min(1).max(1_000_000).default(1),
  /** Only in these documents. */
  document_ids: z.array(z.string()).optional(),
});

/** Finds the passages that are nearest to the question and numbers them, best first, from 1. */
export class RetrieveNode extends NodeHandler {
  readonly type = 'retrieve';

  constructor(private readonly passages: PassageSearch) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = parseConfig(context, RetrieveConfig);
    const asked = config.query === undefined ? readQuestion(context.input) : { question: config.query, topK: null };
    const limit = asked.topK ?? config.top_k;
    const query = {
      query: asked.question,
      ...(limit !== undefined && { limit }),
      ...(config.document_ids !== undefined && { documentIds: config.document_ids }),
    };
    const passages = await context.step('search', async (signal): Promise<Passage[]> => {
      const hits = await this.passages.search(context.tenantId, query, signal);
      return hits.map(({ chunkId, documentId, title, text, score }, index) => {
        return { n: config.number_from + index, chunk_id: chunkId, document_id: documentId, title, text, score };
      });
    });
    return { question: asked.question, passages };
  }
}
