import { useRouter, useRouterState } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';

/** What of the page stands in its address; null and the empty text take a name out of it. */
export type AddressChange = Readonly<Record<string, string | null>>;

/** The search of the page's address, where filters are kept over reloads and in links, and the way to change it. */
export function useAddress(): [URLSearchParams, (change: AddressChange) => void] {
  const router = useRouter();
  const text = useRouterState({ select: ({ location }) => location.searchStr });
  const address = useMemo(() => new URLSearchParams(text), [text]);
  const change = useCallback(
    (values: AddressChange) => {
      const { pathname, searchStr } = router.state.location;
      const next = new URLSearchParams(searchStr);
      for (const [name, value] of Object.entries(values)) {
        if (value === null || value === '') next.delete(name);
        else next.set(name, value);
      }
      router.history.replace(next.size === 0 ? pathname : `${pathname}?${next.toString()}`);
    },
    [router],
  );
  return [address, change];
}
