import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { toProblemError } from './problem.js';
import { askForToken } from './login.js';

/** Of the query that tells who the API takes this browser for. */
export const ME_KEY = ['me'];

const MAX_RETRIES = 2;

/** Refusals are final; what may be over in a moment is asked again. */
function isWorthRetrying(failures: number, error: unknown): boolean {
  const { status } = toProblemError(error);
  return failures < MAX_RETRIES && (status === 0 || status === 429 || status >= 500);
}

function onError(error: unknown): void {
  if (toProblemError(error).status === 401) askForToken();
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: { staleTime: 5_000, retry: isWorthRetrying, networkMode: 'always', refetchOnWindowFocus: true },
    mutations: { networkMode: 'always' },
  },
});
