import type { Provider } from '@nestjs/common';
import {
  EmbedderCatalog,
  EmbeddingCalls,
  LOCAL_EMBEDDING,
  LOCAL_SIZE,
  LocalChatModel,
  ModelCatalog,
  OpenAiChatModel,
  OpenAiEmbedder,
  OpenAiEndpoint,
  RateLimitedChatModel,
  type ModelProvider,
} from '@baton/agents';
import { ChatModel, Clock, Embedders, RateGate, type RagSettings } from '@baton/core';
import { Closing } from '../closing.js';
import { defaultProvider, hasModelEndpoint, type Config } from '../config.js';
import type { ModelProviderConfig } from '../config-models.js';
import { Metrics } from '../metrics.js';

/** The chat models of all providers, and the embedders, local and behind the endpoint of OpenAI, whose connections chat shares. */
export function modelProviders(config: Config): Provider[] {
  const hasEndpoint = hasModelEndpoint(config);
  const endpoint = hasEndpoint ? [OpenAiEndpoint] : [];
  return [
    ...(hasEndpoint ? [endpointProvider(config)] : []),
    {
      provide: ChatModel,
      useFactory: async (clock: Clock, closing: Closing, metrics: Metrics, gate: RateGate, openai?: OpenAiEndpoint) => {
        const catalog = await openCatalog(config, { clock, closing, metrics, openai: openai ?? null });
        return new RateLimitedChatModel(catalog, gate, config.rateLimits);
      },
      inject: [Clock, Closing, Metrics, RateGate, ...endpoint],
    },
    {
      provide: Embedders,
      useFactory: (metrics: Metrics, gate: RateGate, openai?: OpenAiEndpoint) => {
        if (openai === undefined) return new EmbedderCatalog(null);
        const calls = new EmbeddingCalls({
          ...{ provider: 'openai', gate, rules: config.rateLimits, prices: config.modelPrices },
          observe: ({ name, outcome, usage }) => metrics.countModelCall(name, outcome, usage),
        });
        return new EmbedderCatalog((model, dimensions) => new OpenAiEmbedder(openai, model, dimensions, calls));
      },
      inject: [Metrics, RateGate, ...endpoint],
    },
  ];
}

/** The embedding of tenants that have no retrieval configuration of their own. */
export function defaultEmbedding(config: Config): Pick<RagSettings, 'model' | 'dimensions'> {
  const { embeddingProvider: choice } = config;
  const isRemote = choice === 'openai' || (choice === 'auto' && hasModelEndpoint(config));
  if (!isRemote) return { model: LOCAL_EMBEDDING, dimensions: LOCAL_SIZE };
  return { model: config.openaiEmbeddingModel, dimensions: config.openaiEmbeddingDimensions };
}

async function openCatalog(
  config: Config,
  parts: { clock: Clock; closing: Closing; metrics: Metrics; openai: OpenAiEndpoint | null },
): Promise<ModelCatalog> {
  const { clock, closing, metrics, openai } = parts;
  const providers = new Map<string, ModelProvider>([['local', new LocalChatModel()]]);
  if (openai !== null) providers.set('openai', new OpenAiChatModel(openai, config.openaiModel));
  for (const [name, provider] of config.modelProviders) {
    const endpoint = await openEndpoint(config, provider, clock);
    closing.add(`models of ${name}`, () => endpoint.close());
    providers.set(name, new OpenAiChatModel(endpoint, provider.defaultModel, name));
  }
  return new ModelCatalog({
    ...{ providers, defaultProvider: defaultProvider(config), prices: config.modelPrices },
    observe: ({ name, outcome, usage }) => metrics.countModelCall(name, outcome, usage),
  });
}

function endpointProvider(config: Config): Provider {
  return {
    provide: OpenAiEndpoint,
    useFactory: async (clock: Clock, closing: Closing) => {
      const { openaiBaseUrl: baseUrl, openaiApiKey: apiKey } = config;
      const endpoint = await openEndpoint(
        config,
        { baseUrl, apiKey, timeoutMs: null, maxRetries: null, maxConnections: null, maxAnswerBytes: null },
        clock,
      );
      closing.add('models', () => endpoint.close());
      return endpoint;
    },
    inject: [Clock, Closing],
  };
}

type EndpointConfig = Omit<ModelProviderConfig, 'baseUrl' | 'defaultModel'> & { readonly baseUrl: string | null };

function openEndpoint(config: Config, own: EndpointConfig, clock: Clock): Promise<OpenAiEndpoint> {
  const options = {
    baseUrl: own.baseUrl,
    apiKey: own.apiKey,
    timeoutMs: own.timeoutMs ?? config.modelTimeoutMs,
    maxRetries: own.maxRetries ?? config.modelMaxRetries,
    maxConnections: own.maxConnections ?? config.modelMaxConnections,
    maxAnswerBytes: own.maxAnswerBytes ?? config.modelMaxAnswerBytes,
  };
  return OpenAiEndpoint.open(options, { clock });
}
