import { z } from 'zod';
import { LOG_LEVELS, NameSchema, type KeptLine } from '@baton/core';
import { Instant, toInstant } from './json.js';

export const LogsQuery = z.strictObject({
  node: NameSchema.optional().describe('Only lines of this node.'),
  level: z.enum(LOG_LEVELS).optional().describe('Only lines as serious as this, or more.'),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .describe('Goes on after the line of this number.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});
export type LogsQuery = z.infer<typeof LogsQuery>;

const LineReply = z.object({
  n: z.int().describe('Lines have rising numbers, with gaps.'),
  at: Instant,
  level: z.enum(LOG_LEVELS),
  node_id: z.string(),
  visit: z.int(),
  attempt: z.int(),
  message: z.string(),
  fields: z.record(z.string(), z.unknown()).nullable(),
});

export const LogsReply = z.object({
  items: z.array(LineReply),
  next_after: z.int().nullable().describe('Null: there are no more lines by now.'),
});
export type LogsReply = z.infer<typeof LogsReply>;

export function toLineReply({ n, at, level, nodeId, visit, attempt, message, fields }: KeptLine): z.infer<typeof LineReply> {
  return { n, at: toInstant(at), level, node_id: nodeId, visit, attempt, message, fields };
}
