import { z } from 'zod';
import { CHANGE_TOPICS } from '@baton/engine';
import { EventPositionText } from './event.js';
import { EXECUTION_MESSAGE_TYPES } from './execution-message.js';
import { Instant } from './json.js';

export const WsTokenReply = z.object({
  token: z.string().describe('For one or more WebSockets, until it expires.'),
  expires_at: Instant,
});
export type WsTokenReply = z.infer<typeof WsTokenReply>;

const SubscriptionId = z.string().min(1).max(64);
const RunSubscription = z.strictObject({
  type: z.literal('subscribe'),
  id: SubscriptionId,
  topic: z.literal('run'),
  run_id: z.string().min(1).max(64),
  from_seq: z.int().min(0).default(0),
});
const ChangeSubscription = z.strictObject({ type: z.literal('subscribe'), id: SubscriptionId, topic: z.enum(CHANGE_TOPICS) });

/** What every client may say. */
const ClientSign = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('pong') }),
  z.strictObject({ type: z.literal('token'), token: z.string().max(4_096) }),
]);
export type ClientSign = z.infer<typeof ClientSign>;

/** What a client of the multiplexed socket may say. */
const LiveRequest = z.union([
  z.discriminatedUnion('topic', [RunSubscription, ChangeSubscription]),
  z.strictObject({ type: z.literal('unsubscribe'), id: SubscriptionId }),
  ClientSign,
]);
export type LiveRequest = z.infer<typeof LiveRequest>;
export type RunSubscription = z.infer<typeof RunSubscription>;
export type ChangeSubscription = z.infer<typeof ChangeSubscription>;

/** What a client has said; null where it is none of what it may say. */
export const readSign = (text: string): ClientSign | null => read(ClientSign, text);
export const readLiveRequest = (text: string): LiveRequest | null => read(LiveRequest, text);

function read<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** What the address of a run's or workflow's socket says besides. */
export const ExecutionQuery = z.object({
  types: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(EXECUTION_MESSAGE_TYPES)))
    .optional(),
  from_seq: z.coerce.number().int().min(0).default(0),
  since: z.iso.datetime({ offset: true }).transform(Date.parse).optional(),
  after: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(EventPositionText).max(100))
    .default([]),
});
export type ExecutionQuery = z.infer<typeof ExecutionQuery>;
