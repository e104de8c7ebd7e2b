export { createApiApp } from './api-app.js';
export { Demo } from './demo.js';
export { listen } from './doors.js';
/** @public `npm run openapi` asks the built app for it. */
export { describeApi } from './openapi.js';
