import { useQuery } from '@tanstack/react-query';
import { meQuery } from './queries.js';
import type { paths } from './schema.js';

type Method = 'post' | 'put' | 'patch' | 'delete';

/** A call that changes something, as the API names it in what it says of the caller: `POST /api/v1/runs/{id}/cancel`. */
export type Operation = {
  [P in keyof paths]: `${Uppercase<keyof paths[P] & Method>} ${P}`;
}[keyof paths];

/**
 * Whether the role of this browser may make a call: what it may not is not offered. Undefined until that is known; where the API
 * cannot say it, everything is offered, and the API refuses.
 */
export function useMay(operation: Operation): boolean | undefined {
  const { data, isError } = useQuery(meQuery);
  return data?.operations.includes(operation) ?? (isError || undefined);
}
