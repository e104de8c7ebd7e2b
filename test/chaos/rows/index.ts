import { DISK_ROWS } from './disk-rows.js';
import { LINK_ROWS } from './link-rows.js';
import { PROCESS_ROWS } from './process-rows.js';
import { REDIS_ROWS } from './redis-rows.js';
import type { Row } from './row.js';
import { SQL_ROWS } from './sql-rows.js';

export type { Firing, Row } from './row.js';

/** The table of faults, in its order. */
export const ROWS: readonly Row[] = [...PROCESS_ROWS, ...REDIS_ROWS, ...SQL_ROWS, ...DISK_ROWS, ...LINK_ROWS].toSorted(
  (left, right) => Number.parseInt(left.id, 10) - Number.parseInt(right.id, 10),
);

/** `6/7s` means one variant of row 6, `6` all where no row is called just that. @throws Error where there is no such row. */
export function chooseRows(ids: readonly string[]): Row[] {
  return ids.flatMap((id) => {
    const exact = ROWS.filter((row) => row.id === id);
    const found = exact.length > 0 ? exact : ROWS.filter((row) => row.id.split('/')[0] === id);
    if (found.length === 0) throw new Error(`There is no row ${id}; there are ${ROWS.map((row) => row.id).join(', ')}.`);
    return found;
  });
}
