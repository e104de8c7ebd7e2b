import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

/** What the address says after its `?`, as texts, and the way to change it. Undefined takes a name out. */
export function useSearchState(): [
  Readonly<Record<string, string | undefined>>,
  (change: Record<string, string | undefined>) => void,
] {
  const search = useSearch({ strict: false, select: textsOf, structuralSharing: true });
  const navigate = useNavigate();
  const change = useCallback(
    (changed: Record<string, string | undefined>) => {
      void navigate({
        to: '.',
        search: (before: object) => ({ ...before, ...changed }),
        replace: true,
        resetScroll: false,
      });
    },
    [navigate],
  );
  return [search, change];
}

function textsOf(search: object): Record<string, string> {
  return Object.fromEntries(Object.entries(search).map(([name, value]) => [name, String(value)]));
}
