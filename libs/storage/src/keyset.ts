// The place of a row in the order of an instant and an id, as a condition with three values: the instant twice, then the id. That the instant
// is bounded by itself, which the rest implies, is what lets SQLite begin there in an index, instead of walking to it from the first row.

/** Rows after the place. */
export function isAfter(instant: string, id: string): string {
  return `${instant} >= ? AND (${instant} > ? OR ${id} > ?)`;
}

/** Rows before the place. */
export function isBefore(instant: string, id: string): string {
  return `${instant} <= ? AND (${instant} < ? OR ${id} < ?)`;
}
