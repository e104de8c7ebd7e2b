import type { RunRow } from './run-types.js';

export interface RunPage {
  items: RunRow[];
  next_cursor: string | null;
}

/** The instant that divides the runs of an opened list from those that come after: behind its first one. */
export function anchorOf({ items: [newest] }: RunPage): string {
  return new Date(newest === undefined ? 0 : Date.parse(newest.created_at) + 1).toISOString();
}

export function earlier(left: string, right: string | undefined): string {
  return right === undefined || Date.parse(left) <= Date.parse(right) ? left : right;
}

/** The runs of all pages, each once. */
export function mergeRows(pages: readonly (RunPage | undefined)[]): RunRow[] {
  const rows = new Map<string, RunRow>();
  for (const page of pages) for (const row of page?.items ?? []) if (!rows.has(row.id)) rows.set(row.id, row);
  return [...rows.values()];
}
