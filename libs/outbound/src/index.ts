export { parseAllowedTarget, type AllowedTarget } from './allowed-target.js';
export { AuthorizedHttp } from './authorized-http.js';
export { GuardedHttpClient, type GuardedHttpOptions } from './guarded-http-client.js';
export { HttpSecrets, type HttpSecret } from './http-secrets.js';
export { hiding } from './redact.js';
export { RateLimitedHttp } from './rate-limited-http.js';
