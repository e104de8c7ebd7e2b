export * from './agent-prompt.js';
export * from './agent-role.js';
export * from './citation.js';
export * from './local-chat-model.js';
export * from './local-embedder.js';
