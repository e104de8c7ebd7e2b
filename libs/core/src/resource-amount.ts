/** Cores in `2`, `2 cores`, `1 core` or `500m`; null where it is none of these. */
export function parseCores(text: string): number | null {
  const [, amount, milli] = /^\s*(\d{1,9}(?:\.\d{1,6})?)\s*(m(?=\s*$))?\s*(?:v?cpus?|cores?)?\s*$/i.exec(text) ?? [];
  if (amount === undefined) return null;
  return milli === undefined ? Number(amount) : Number(amount) / 1_000;
}

const UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries({ '': 1, B: 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12, KI: 2 ** 10, MI: 2 ** 20, GI: 2 ** 30, TI: 2 ** 40 }),
);

/** Bytes in `4GB`, `512 MiB`, `2Gi` or a plain number; null where it is none of these. */
export function parseMemory(text: string): number | null {
  const [, amount, unit = ''] = /^\s*(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]{0,3})\s*$/i.exec(text) ?? [];
  const factor = UNITS.get(unit.toUpperCase().replace(/(?<=.)B$/, ''));
  return amount === undefined || factor === undefined ? null : Math.round(Number(amount) * factor);
}
