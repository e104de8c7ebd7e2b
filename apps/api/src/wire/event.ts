import { z } from 'zod';
import { Instant } from './json.js';

/** How many events a page has. */
const Limit = z.coerce.number().int().min(1).max(1_000).default(100);

/** The wire form of a journal event, for the API's description; `toWireEvent` of the core makes it. */
const EventReply = z.object({
  run_id: z.string(),
  seq: z.int(),
  epoch: z.int(),
  type: z.string(),
  node_id: z.string().nullable(),
  visit: z.int(),
  attempt: z.int(),
  at: Instant,
  payload: z.record(z.string(), z.unknown()),
});

/** Where a reader of events stands: `<run_id>.<seq>`, as the `id:` of a stream and `Last-Event-ID` have it. */
export interface EventPosition {
  runId: string;
  seq: number;
}

export const EventPositionText = z.string().max(200).transform(parsePosition);

export function formatPosition({ runId, seq }: EventPosition): string {
  return `${runId}.${seq}`;
}

function parsePosition(text: string, context: z.RefinementCtx): EventPosition {
  const [, runId, seq] = /^(.+)\.(\d{1,9})$/.exec(text) ?? [];
  if (runId === undefined) {
    context.addIssue({ code: 'custom', message: 'must be `<run_id>.<seq>`, the id of an event' });
    return z.NEVER;
  }
  return { runId, seq: Number(seq) };
}

export const StreamQuery = z.strictObject({
  last_event_id: EventPositionText.optional(),
  format: z
    .enum(['journal', 'orchestration'])
    .default('journal')
    .describe('`orchestration`: only what orchestration clients know, under their names.'),
  tokens: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Also sends answers of models while they come, as events of the type `token` without an id.'),
});
export type StreamQuery = z.infer<typeof StreamQuery>;

export const ActivityQuery = z.strictObject({ after: EventPositionText.optional(), limit: Limit });
export type ActivityQuery = z.infer<typeof ActivityQuery>;
export const ActivitiesReply = z.object({ items: z.array(EventReply), next_after: z.string().nullable() });

export const JournalQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0), limit: Limit });
export type JournalQuery = z.infer<typeof JournalQuery>;
export const JournalReply = z.object({ items: z.array(EventReply), next_after: z.int().nullable() });
