export * from './qdrant-vector-store.js';
export * from './sqlite-vector-store.js';
