import { silentObserver, type EngineObserver } from '@baton/engine';

export interface Observation {
  readonly name: keyof EngineObserver;
  readonly detail: unknown;
}

/** An observer that remembers what it was told. */
export function rememberingObserver(): EngineObserver & { readonly told: Observation[] } {
  const told: Observation[] = [];
  const names = Object.keys(silentObserver) as (keyof EngineObserver)[];
  const methods = names.map((name) => [
    name,
    (...detail: unknown[]) => void told.push({ name, detail: detail.length > 1 ? detail : detail[0] }),
  ]);
  return { ...(Object.fromEntries(methods) as unknown as EngineObserver), told };
}
