import { useQuery } from '@tanstack/react-query';
import { meQuery } from '../api/queries.js';

/** Whether the API takes this browser for an admin. False until that is known. */
export function useIsAdmin(): boolean {
  return useQuery(meQuery).data?.role === 'admin';
}
