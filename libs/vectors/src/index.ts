export * from './sqlite-vector-store.js';
