import type { Provider } from '@nestjs/common';
import {
  EmbedderCatalog,
  LOCAL_EMBEDDING,
  LOCAL_SIZE,
  LocalChatModel,
  OpenAiChatModel,
  OpenAiEmbedder,
  OpenAiEndpoint,
} from '@baton/agents';
import { ChatModel, Clock, Embedders, type RagSettings } from '@baton/core';
import { Closing } from '../closing.js';
import { hasModelEndpoint, type Config } from '../config.js';

/** The chat model, local or behind the configured endpoint, and the embedders, local and behind it; they share its connections. */
export function modelProviders(config: Config): Provider[] {
  const localChat = { provide: ChatModel, useClass: LocalChatModel };
  if (!hasModelEndpoint(config)) {
    return [localChat, { provide: Embedders, useFactory: () => new EmbedderCatalog(null) }];
  }
  return [
    endpointProvider(config),
    isRemote(config, config.modelProvider)
      ? {
          provide: ChatModel,
          useFactory: (endpoint: OpenAiEndpoint) => new OpenAiChatModel(endpoint, config.openaiModel),
          inject: [OpenAiEndpoint],
        }
      : localChat,
    {
      provide: Embedders,
      useFactory: (endpoint: OpenAiEndpoint) =>
        new EmbedderCatalog((model, dimensions) => new OpenAiEmbedder(endpoint, model, dimensions)),
      inject: [OpenAiEndpoint],
    },
  ];
}

/** The embedding of tenants that have no retrieval configuration of their own. */
export function defaultEmbedding(config: Config): Pick<RagSettings, 'model' | 'dimensions'> {
  if (!isRemote(config, config.embeddingProvider)) return { model: LOCAL_EMBEDDING, dimensions: LOCAL_SIZE };
  return { model: config.openaiEmbeddingModel, dimensions: config.openaiEmbeddingDimensions };
}

function isRemote(config: Config, choice: Config['modelProvider']): boolean {
  return choice === 'openai' || (choice === 'auto' && hasModelEndpoint(config));
}

function endpointProvider(config: Config): Provider {
  return {
    provide: OpenAiEndpoint,
    useFactory: async (clock: Clock, closing: Closing) => {
      const options = {
        baseUrl: config.openaiBaseUrl,
        apiKey: config.openaiApiKey,
        timeoutMs: config.modelTimeoutMs,
        maxRetries: config.modelMaxRetries,
        maxConnections: config.modelMaxConnections,
      };
      const endpoint = await OpenAiEndpoint.open(options, { clock });
      closing.add('models', () => endpoint.close());
      return endpoint;
    },
    inject: [Clock, Closing],
  };
}
