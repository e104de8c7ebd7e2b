export { createApiApp } from './api-app.js';
export { describeApi } from './openapi.js';
