export * from './access.js';
export * from './authority.js';
export * from './config.js';
export * from './logging.js';
export * from './metrics.js';
export * from './process-info.js';
