import { z } from 'zod';

const Text = z.string();
const TextParts = z.array(z.object({ type: z.literal('text'), text: z.string() })).min(1);
const TokenLimit = z.int().min(1).nullish();

const common = {
  model: z.string().min(1),
  n: z.literal(1).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: TokenLimit,
};

/** Bodies as OpenAI takes them; what the mock does not know of, it ignores. */
export const ChatBody = z.object({
  ...common,
  max_completion_tokens: TokenLimit,
  messages: z
    .array(
      z.object({
        role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
        content: z.union([Text, TextParts.transform((parts) => parts.map(({ text }) => text).join('')), z.null()]),
        tool_calls: z.array(z.object({ id: Text, function: z.object({ name: Text, arguments: Text }) })).nullish(),
        tool_call_id: Text.optional(),
      }),
    )
    .min(1),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({
          name: Text,
          description: Text.optional(),
          parameters: z.record(z.string(), z.json()).optional(),
        }),
      }),
    )
    .nullish(),
  tool_choice: z.unknown().optional(),
});
export type ChatBody = z.infer<typeof ChatBody>;

export const CompletionBody = z.object({
  ...common,
  prompt: z.union([Text.transform((text) => [text]), z.array(Text).min(1)]),
});
export type CompletionBody = z.infer<typeof CompletionBody>;

const Tokens = z.array(z.int().min(0)).min(1);
const NonEmptyText = z.string().min(1);

export const EmbeddingBody = z.object({
  model: z.string().min(1),
  /** One text or several, as text or as tokens. */
  input: z.union([
    NonEmptyText.transform((text) => [text]),
    z.array(NonEmptyText).min(1).max(2_048),
    Tokens.transform((tokens) => [tokens.join(' ')]),
    z
      .array(Tokens.transform((tokens) => tokens.join(' ')))
      .min(1)
      .max(2_048),
  ]),
  dimensions: z.int().min(1).max(8_192).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
});
export type EmbeddingBody = z.infer<typeof EmbeddingBody>;
