export * from './words.js';
export * from './local-embedder.js';
