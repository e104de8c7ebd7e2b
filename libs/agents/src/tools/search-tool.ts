import type { CallMeter, JsonObject, JsonValue, LogFields, PassageSearch } from '@baton/core';
import { z } from 'zod';
import type { ConversationRecord } from '../conversation-record.js';
import { PassageSchema, type Passage } from '../passage.js';
import { StepTool, type ToolContext } from './agent-tool.js';

const Arguments = z.object({
  query: z.string().trim().min(1).max(2_000).describe('What the passages should be about, in plain words.'),
  limit: z.int().min(1).max(20).default(5).describe('How many passages.'),
  document_ids: z.array(z.string().max(200)).min(1).max(100).optional().describe('Only in these documents.'),
});

const Result = z.object({ passages: z.array(PassageSchema) });

/** Searches the documents of the tenant. Its passages are numbered on from those that the agent has, so that its answer can cite them. */
export class SearchTool extends StepTool<z.infer<typeof Arguments>> {
  readonly name = 'search';
  readonly description =
    'Finds passages in the documents that are kept here, the nearest in meaning first. Cite a passage by its number `n`, like [3].';
  readonly parameters = Arguments;
  override readonly example: JsonObject = { query: 'how long a lock lives without being renewed', limit: 5 };

  constructor(private readonly search: PassageSearch) {
    super();
  }

  protected async run(
    { tenantId }: ToolContext,
    { query, limit, document_ids: documentIds }: z.infer<typeof Arguments>,
    { signal, meter }: { signal: AbortSignal; meter: CallMeter },
  ): Promise<JsonValue> {
    const asked = { query, limit, ...(documentIds !== undefined && { documentIds }) };
    const hits = await this.search.search(tenantId, asked, { signal, meter });
    const passages = hits.map(({ chunkId, documentId, title, text, score }, index): Passage => {
      return { n: index + 1, chunk_id: chunkId, document_id: documentId, title, text, score };
    });
    return { passages };
  }

  protected override logged(result: JsonValue): LogFields {
    return { hits: Result.safeParse(result).data?.passages.length ?? 0 };
  }

  override tell(result: JsonValue, record: ConversationRecord): JsonValue {
    const read = Result.safeParse(result);
    if (!read.success) return result;
    return {
      passages: record.add(read.data.passages).map(({ n, title, text, document_id }) => ({ n, title, text, document_id })),
    };
  }
}
