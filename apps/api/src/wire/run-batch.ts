import { z } from 'zod';
import { StartRunBody } from './run.js';

/** Visible ASCII, as the header. */
const KeySchema = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters');

export const StartBatchBody = z.strictObject({
  runs: z.array(StartRunBody.extend({ idempotency_key: KeySchema.optional() })).min(1),
});
export type StartBatchBody = z.infer<typeof StartBatchBody>;

const Index = z.int().describe('The place in the request, from 0.');

export const StartedBatchReply = z.object({
  accepted: z.array(z.object({ index: Index, run_id: z.string() })),
  refused: z.array(
    z.object({
      index: Index,
      code: z.string(),
      detail: z.string(),
      retry_after_seconds: z.int().optional().describe('Try again then; without it, trying again does not help.'),
    }),
  ),
});
export type StartedBatchReply = z.infer<typeof StartedBatchReply>;
