export * from './announce-commits.js';
export * from './engine-observer.js';
export * from './run-watcher.js';
export * from './signal-run.js';
export * from './start-run.js';
