const MICROS = 1_000_000;

/** Millionths of money as people read it: small sums keep two digits that say something. */
export function formatMoney(micros: number): string {
  const amount = micros / MICROS;
  if (amount === 0) return '0';
  if (amount >= 0.1) return amount.toFixed(2);
  return amount.toPrecision(2);
}

export function formatCount(count: number): string {
  return count.toLocaleString('en');
}
