import { useCallback, useMemo, useState } from 'react';

export interface Selection {
  readonly ids: ReadonlySet<string>;
  toggle: (id: string, isWanted: boolean) => void;
  set: (ids: Iterable<string>) => void;
}

/** The runs that are picked. */
export function useSelection(): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((id: string, isWanted: boolean) => {
    setIds((before) => {
      const after = new Set(before);
      if (isWanted) after.add(id);
      else after.delete(id);
      return after;
    });
  }, []);
  const set = useCallback((wanted: Iterable<string>) => setIds(new Set(wanted)), []);
  return useMemo(() => ({ ids, toggle, set }), [ids, toggle, set]);
}
