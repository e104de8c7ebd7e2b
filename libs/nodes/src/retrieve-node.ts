import { meteredStep, type Passage } from '@baton/agents';
import { NodeHandler, type JsonValue, type NodeContext, type PassageSearch } from '@baton/core';
import { z } from 'zod';
import { parseConfig, readQuestion } from './node-config.js';

/** The config of `retrieve`. */
export const RetrieveConfig = z.strictObject({
  query: z.string().trim().min(1).optional().describe("Asked instead of the question in the run's input."),
  top_k: z
    .int()
    .min(1)
    .max(50)
    .optional()
    .describe("Passages wanted, unless the run's input says otherwise; as the retrieval configuration says where neither does."),
  number_from: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1)
    .describe('The number of the first passage: agents that work on several searches cite one numbering.'),
  document_ids: z.array(z.string()).optional().describe('Only in these documents.'),
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
    const passages = await meteredStep(
      context,
      { key: 'search', agent: context.nodeId },
      async (signal, meter): Promise<Passage[]> => {
        const hits = await this.passages.search(context.tenantId, query, { signal, meter });
        context.log.info(`Found ${hits.length} ${hits.length === 1 ? 'passage' : 'passages'}`, {
          ...{ hits: hits.length, documents: new Set(hits.map(({ documentId }) => documentId)).size },
          ...(hits[0] !== undefined && { best: Number(hits[0].score.toFixed(3)) }),
        });
        return hits.map(({ chunkId, documentId, title, text, score }, index) => {
          return { n: config.number_from + index, chunk_id: chunkId, document_id: documentId, title, text, score };
        });
      },
    );
    return { question: asked.question, passages };
  }
}
