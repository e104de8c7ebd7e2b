import type { OpenAI } from 'openai';
import { z } from 'zod';
import { answeredList } from './answered-list.js';
import { malformedReply } from './openai-failure.js';

/** What of a chunk is read; servers that only resemble OpenAI leave out the rest. */
const ChunkSchema = z.object({
  model: z.string().optional(),
  choices: answeredList(
    z.object({
      delta: z
        .object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: answeredList(
            z.object({
              index: z.int().nullish(),
              id: z.string().nullish(),
              function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
            }),
          ).nullish(),
        })
        .nullish(),
      finish_reason: z.string().nullish(),
    }),
  ).default([]),
  usage: z.unknown().optional(),
});
type Chunk = z.infer<typeof ChunkSchema>;
type Delta = NonNullable<Chunk['choices'][number]['delta']>;
type CallDelta = NonNullable<Delta['tool_calls']>[number];

interface AskedCall {
  id: string;
  function: { name: string; arguments: string };
}

/** Puts the chunks of a streamed completion together to what the same completion is in one piece. */
export class CompletionAssembly {
  private content = '';
  private refusal = '';
  private model: string | undefined;
  private finishReason: string | null = null;
  private usage: unknown;
  /** By their numbers. */
  private readonly calls = new Map<number, AskedCall>();
  /** The numbers of the call before, and the highest: -1 before the first. */
  private latest = -1;
  private highest = -1;

  constructor(
    private readonly asked: string,
    private readonly hear: (text: string, offset: number) => void,
  ) {}

  /** @throws BatonError `model_failed` for a chunk that is none. */
  add(json: unknown): void {
    const { success, data, error } = ChunkSchema.safeParse(json);
    if (!success) throw malformedReply(this.asked, z.prettifyError(error));
    this.model ??= data.model;
    this.usage = data.usage ?? this.usage;
    const [choice] = data.choices;
    if (choice === undefined) return;
    this.finishReason = choice.finish_reason ?? this.finishReason;
    if (choice.delta) this.addDelta(choice.delta);
  }

  /** @throws BatonError `model_failed`, retryable, for an answer that has broken off: a half one is none. */
  end(): object {
    if (this.finishReason === null) throw malformedReply(this.asked, 'the stream broke off before the end of the answer');
    const { model, content, refusal, usage } = this;
    const calls = [...this.calls].toSorted(([a], [b]) => a - b).map(([, call]) => call);
    const message = { content, refusal, ...(calls.length > 0 && { tool_calls: calls }) };
    return { model, choices: [{ message, finish_reason: this.finishReason }], usage };
  }

  private addDelta({ content, refusal, tool_calls: calls }: Delta): void {
    for (const call of calls ?? []) this.addCall(call);
    this.refusal += refusal ?? '';
    if (!content) return;
    this.hear(content, this.content.length);
    this.content += content;
  }

  /** Some servers do not number all calls: one with an id is then a new one, one without goes on with the call before. */
  private addCall({ index, id, function: asked }: CallDelta): void {
    const at = index ?? (id ? this.highest + 1 : Math.max(0, this.latest));
    this.latest = at;
    this.highest = Math.max(this.highest, at);
    const call = this.calls.get(at) ?? { id: '', function: { name: '', arguments: '' } };
    this.calls.set(at, call);
    call.id ||= id ?? '';
    call.function.name += asked?.name ?? '';
    call.function.arguments += asked?.arguments ?? '';
  }
}

interface StreamSettings {
  readonly options: OpenAI.RequestOptions & { signal: AbortSignal };
  hear(text: string, offset: number): void;
}

/** Asks for a completion chunk by chunk; what is returned is as if it had come whole. */
export async function streamCompletion(
  client: OpenAI,
  body: OpenAI.ChatCompletionCreateParamsNonStreaming,
  { options, hear }: StreamSettings,
): Promise<unknown> {
  const streamed = { ...body, stream: true, stream_options: { include_usage: true } } as const;
  const assembly = new CompletionAssembly(body.model, hear);
  for await (const chunk of await client.chat.completions.create(streamed, options)) assembly.add(chunk);
  // An aborted stream ends as one that is complete.
  options.signal.throwIfAborted();
  return assembly.end();
}
