import { readFileSync } from 'node:fs';
import {
  BudgetLimitsSchema,
  PriceTableSchema,
  TenantBudgetSchema,
  type BudgetLimits,
  type PriceTable,
  type Problem,
  type TenantBudget,
} from '@baton/core';
import { z } from 'zod';
import {
  apiKey,
  bytes,
  endpointUrl,
  MIB,
  milliseconds,
  modelName,
  optional,
  provider,
  secret,
  variable,
  wholeNumber,
  type Kind,
} from './config-kinds.js';

/** A model provider besides the local one and that of the OPENAI_ variables. */
export interface ModelProviderConfig {
  readonly baseUrl: string;
  /** Null: calls carry no key. */
  readonly apiKey: string | null;
  readonly defaultModel: string;
  /** Its own limits; null: as MODEL_TIMEOUT_MS, MODEL_MAX_RETRIES, MODEL_MAX_CONNECTIONS and MODEL_MAX_ANSWER_BYTES say. */
  readonly timeoutMs: number | null;
  readonly maxRetries: number | null;
  readonly maxConnections: number | null;
  readonly maxAnswerBytes: number | null;
}

const MIN_ANSWER_BYTES = 1_024;
const MAX_ANSWER_BYTES = 256 * MIB;

/** As it is written; the key may stand elsewhere. */
const ProviderSchema = z
  .strictObject({
    base_url: endpointUrl.schema,
    api_key: apiKey.schema.optional(),
    api_key_env: z.string().min(1).optional(),
    api_key_file: z.string().min(1).optional(),
    default_model: modelName.schema,
    timeout_ms: z.int().min(100).max(3_600_000).optional(),
    max_retries: z.int().min(0).max(20).optional(),
    max_connections: z.int().min(1).max(10_000).optional(),
    max_answer_bytes: z.int().min(MIN_ANSWER_BYTES).max(MAX_ANSWER_BYTES).optional(),
  })
  .refine(
    (it) => [it.api_key, it.api_key_env, it.api_key_file].filter((key) => key !== undefined).length <= 1,
    'has more than one of api_key, api_key_env and api_key_file',
  );

const RESERVED = ['auto', 'local', 'openai'];
const ProviderName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be a name in lower case')
  .refine((name) => !RESERVED.includes(name), `must not be one of ${RESERVED.join(', ')}`);

export type WrittenProviders = ReadonlyMap<string, z.infer<typeof ProviderSchema>>;

/** Providers by name, in the order in which they stand. */
const modelProviders: Kind<WrittenProviders> = {
  allowed: 'JSON: an object of providers by name',
  schema: jsonOf(z.record(ProviderName, ProviderSchema)).transform((providers) => new Map(Object.entries(providers))),
};

const modelPrices: Kind<PriceTable> = { allowed: 'JSON: an object of prices by model', schema: jsonOf(PriceTableSchema) };

export const runBudget: Kind<BudgetLimits> = { allowed: 'JSON: an object of amounts', schema: jsonOf(BudgetLimitsSchema) };

export const tenantBudget: Kind<TenantBudget> = {
  allowed: 'JSON: amounts by day and month',
  schema: jsonOf(TenantBudgetSchema),
};

const providerName: Kind<string> = {
  allowed: 'auto, local, openai, or a name of MODEL_PROVIDERS',
  schema: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be the name of a provider'),
};

/** The models, and the embedder. */
export const models = {
  modelProvider: variable(
    'MODEL_PROVIDER',
    providerName,
    'auto',
    'Of models that are named without a provider. auto: openai where OPENAI_API_KEY or OPENAI_BASE_URL is set, else the first of MODEL_PROVIDERS, else local.',
  ),
  modelProviders: secret(
    'MODEL_PROVIDERS',
    modelProviders,
    '',
    'More providers with the API of OpenAI: `base_url`, `default_model`, a key, and limits of their own; see docs/models.md.',
  ),
  modelPrices: variable(
    'MODEL_PRICES',
    modelPrices,
    '{}',
    'What a million tokens cost, by `provider/model` or `provider/*`: `input`, `output`, `cached_input`.',
  ),
  embeddingProvider: variable(
    'EMBEDDING_PROVIDER',
    provider,
    'auto',
    'The embedder. auto: openai where OPENAI_API_KEY or OPENAI_BASE_URL is set.',
  ),
  openaiBaseUrl: optional(
    'OPENAI_BASE_URL',
    endpointUrl,
    'https://api.openai.com/v1',
    'Any server with the API of OpenAI, usually with `/v1` at the end.',
  ),
  openaiApiKey: secret('OPENAI_API_KEY', apiKey, '', 'Key of that server.'),
  openaiModel: variable('OPENAI_MODEL', modelName, 'gpt-5.4-mini', 'Chat model of nodes that name none.'),
  openaiEmbeddingModel: variable('OPENAI_EMBEDDING_MODEL', modelName, 'text-embedding-3-small', 'Embedding model.'),
  openaiEmbeddingDimensions: variable(
    'OPENAI_EMBEDDING_DIMENSIONS',
    wholeNumber(1, 8_192),
    '1536',
    'Size of its vectors; `text-embedding-3-…` shortens them to it, any other model must have it.',
  ),
  modelTimeoutMs: variable(
    'MODEL_TIMEOUT_MS',
    milliseconds(100, 3_600_000),
    '120000',
    'Bound on one try of a call, answer included.',
  ),
  modelMaxRetries: variable(
    'MODEL_MAX_RETRIES',
    wholeNumber(0, 20),
    '2',
    'Further tries within one call; the retry policy of the node comes on top.',
  ),
  modelMaxConnections: variable(
    'MODEL_MAX_CONNECTIONS',
    wholeNumber(1, 10_000),
    '100',
    'Connections of one process to the server.',
  ),
  modelMaxAnswerBytes: variable(
    'MODEL_MAX_ANSWER_BYTES',
    bytes(MIN_ANSWER_BYTES, MAX_ANSWER_BYTES),
    String(16 * MIB),
    'Largest answer to one call as it is sent, whole or in pieces, embeddings and errors too; in pieces a token takes about 350 bytes.',
  ),
};

/** With the keys that stand in other variables and in files. What cannot be read is a problem. */
export function withKeys(
  written: WrittenProviders,
  environment: Readonly<Record<string, string | undefined>>,
  problems: Problem[],
): ReadonlyMap<string, ModelProviderConfig> {
  const complain = (name: string, message: string): null => {
    problems.push({ pointer: 'MODEL_PROVIDERS', message: `${name}: ${message}` });
    return null;
  };
  const keyOf = (name: string, { api_key: key, api_key_env: env, api_key_file: file }: z.infer<typeof ProviderSchema>) => {
    if (key !== undefined) return key;
    try {
      const text = file === undefined ? (env === undefined ? null : environment[env]) : readFileSync(file, 'utf8').trim();
      if (text === null || apiKey.schema.safeParse(text).success) return text ?? null;
      return complain(name, `${env ?? file} holds no key: it must be ${apiKey.allowed}`);
    } catch (error) {
      return complain(name, `api_key_file names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  };
  const entries = [...written].map(([name, entry]): [string, ModelProviderConfig] => [
    name,
    {
      baseUrl: entry.base_url,
      apiKey: keyOf(name, entry),
      defaultModel: entry.default_model,
      timeoutMs: entry.timeout_ms ?? null,
      maxRetries: entry.max_retries ?? null,
      maxConnections: entry.max_connections ?? null,
      maxAnswerBytes: entry.max_answer_bytes ?? null,
    },
  ]);
  return new Map(entries);
}

/** What is wrong is told without a value: there may be keys among them. */
function jsonOf<T>(schema: z.ZodType<T>) {
  return z.string().transform((text, context): T => {
    const parsed = schema.safeParse(parse(text));
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0]!;
    context.addIssue({ code: 'custom', message: `must be valid JSON: ${[...path.map(String), message].join(': ')}` });
    return z.NEVER;
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
