export { parseAllowedTarget, type AllowedTarget } from './allowed-target.js';
export { GuardedHttpClient, type GuardedHttpOptions } from './guarded-http-client.js';
