import { readFileSync } from 'node:fs';
import { BudgetLimitsSchema, PriceTableSchema, type BudgetLimits, type PriceTable, type Problem } from '@baton/core';
import { z } from 'zod';
import { apiKey, endpointUrl, modelName, type Kind } from './config-kinds.js';

/** A model provider besides the local one and that of the OPENAI_ variables. */
export interface ModelProviderConfig {
  readonly baseUrl: string;
  /** Null: calls carry no key. */
  readonly apiKey: string | null;
  readonly defaultModel: string;
  /** Its own limits; null: as MODEL_TIMEOUT_MS, MODEL_MAX_RETRIES and MODEL_MAX_CONNECTIONS say. */
  readonly timeoutMs: number | null;
  readonly maxRetries: number | null;
  readonly maxConnections: number | null;
}

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
export const modelProviders: Kind<WrittenProviders> = {
  allowed: 'JSON: an object of providers by name',
  schema: jsonOf(z.record(ProviderName, ProviderSchema)).transform((providers) => new Map(Object.entries(providers))),
};

export const modelPrices: Kind<PriceTable> = { allowed: 'JSON: an object of prices by model', schema: jsonOf(PriceTableSchema) };

export const runBudget: Kind<BudgetLimits> = { allowed: 'JSON: an object of amounts', schema: jsonOf(BudgetLimitsSchema) };

export const providerName: Kind<string> = {
  allowed: 'auto, local, openai, or a name of MODEL_PROVIDERS',
  schema: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be the name of a provider'),
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
  const keyOf = (name: string, { api_key: key, api_key_env: variable, api_key_file: file }: z.infer<typeof ProviderSchema>) => {
    if (key !== undefined) return key;
    try {
      const text =
        file === undefined ? (variable === undefined ? null : environment[variable]) : readFileSync(file, 'utf8').trim();
      if (text === null || apiKey.schema.safeParse(text).success) return text ?? null;
      return complain(name, `${variable ?? file} holds no key: it must be ${apiKey.allowed}`);
    } catch (error) {
      return complain(name, `api_key_file names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  };
  const entries = [...written].map(([name, provider]): [string, ModelProviderConfig] => [
    name,
    {
      baseUrl: provider.base_url,
      apiKey: keyOf(name, provider),
      defaultModel: provider.default_model,
      timeoutMs: provider.timeout_ms ?? null,
      maxRetries: provider.max_retries ?? null,
      maxConnections: provider.max_connections ?? null,
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
