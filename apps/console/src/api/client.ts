import createClient from 'openapi-fetch';
import { toProblemError } from './problem.js';
import { ME_KEY, queryClient } from './query-client.js';
import type { paths } from './schema.js';
import { readToken } from './token.js';

/** The API, typed by its description: `api.GET('/api/v1/runs', { params: { query } }).then(unwrap)`. */
export const api = createClient<paths>({ baseUrl: '/', credentials: 'omit' });

api.use({
  onRequest({ request }) {
    const token = readToken();
    if (token !== null && !request.headers.has('authorization')) request.headers.set('authorization', `Bearer ${token}`);
    return request;
  },
  onResponse({ response, schemaPath }) {
    // What was offered is not allowed: the role has changed.
    if (response.status === 403 && schemaPath !== '/api/v1/me') void queryClient.invalidateQueries({ queryKey: ME_KEY });
  },
});

/**
 * The data of an answer.
 *
 * @throws ProblemError for all but a success
 */
export function unwrap<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.response.ok) return answer.data as T;
  throw toProblemError(answer.error, answer.response.status);
}
