export * from './agent-node.js';
export * from './answer-workflow.js';
export * from './echo-node.js';
export * from './node-handlers.js';
export * from './passage.js';
export * from './reembed-node.js';
export * from './reembed-workflow.js';
export * from './retrieve-node.js';
