import { z } from 'zod';

/** A retrieved piece of a document, with the number under which agents cite it. */
export const PassageSchema = z.object({
  n: z.int().min(1),
  chunk_id: z.string(),
  document_id: z.string(),
  title: z.string(),
  text: z.string(),
  /** Cosine similarity with the question, 1 = same direction. */
  score: z.number(),
});
export type Passage = z.infer<typeof PassageSchema>;

/** The output of a `retrieve` node. */
export const RetrievalSchema = z.object({ question: z.string(), passages: z.array(PassageSchema) });
export type Retrieval = z.infer<typeof RetrievalSchema>;
