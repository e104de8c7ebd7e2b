import type { Provider } from '@nestjs/common';
import { LocalChatModel, LocalEmbedder, OpenAiChatModel, OpenAiEmbedder, OpenAiEndpoint } from '@baton/agents';
import { ChatModel, Clock, Embedder } from '@baton/core';
import { Closing } from '../closing.js';
import { hasModelEndpoint, type Config } from '../config.js';

/** The chat model and the embedder, each local or behind the configured endpoint, whose connections both share. */
export function modelProviders(config: Config): Provider[] {
  const isRemote = (choice: Config['modelProvider']): boolean =>
    choice === 'openai' || (choice === 'auto' && hasModelEndpoint(config));
  const { openaiModel, openaiEmbeddingModel, openaiEmbeddingDimensions } = config;
  const isChatRemote = isRemote(config.modelProvider);
  const isEmbedderRemote = isRemote(config.embeddingProvider);
  return [
    ...(isChatRemote || isEmbedderRemote ? [endpointProvider(config)] : []),
    isChatRemote
      ? {
          provide: ChatModel,
          useFactory: (endpoint: OpenAiEndpoint) => new OpenAiChatModel(endpoint, openaiModel),
          inject: [OpenAiEndpoint],
        }
      : { provide: ChatModel, useClass: LocalChatModel },
    isEmbedderRemote
      ? {
          provide: Embedder,
          useFactory: (endpoint: OpenAiEndpoint) => new OpenAiEmbedder(endpoint, openaiEmbeddingModel, openaiEmbeddingDimensions),
          inject: [OpenAiEndpoint],
        }
      : { provide: Embedder, useClass: LocalEmbedder },
  ];
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
