const MICROS = 1_000_000;
const brief = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en');

/** 1,234; from 100,000 on 123.4K. */
export function formatCount(count: number): string {
  return count < 100_000 ? whole.format(Math.round(count)) : brief.format(count);
}

/** 98.2 %; a dash where there is nothing to rate. */
export function formatRate(rate: number | null): string {
  if (rate === null) return '–';
  // 99.96 % is not all.
  const percent = rate < 1 ? Math.floor(rate * 1_000) / 10 : 100;
  return `${percent} %`;
}

/** Money as it stands in the price table, which names no currency: cents, or as many digits as a small sum has. */
export function formatMoney(micros: number): string {
  const money = micros / MICROS;
  if (money === 0) return '0';
  return money >= 1 ? money.toLocaleString('en', { maximumFractionDigits: 2 }) : String(Number(money.toPrecision(2)));
}

/** 3.2 an hour, 1,200 an hour. */
export function formatPerHour(perHour: number): string {
  return perHour < 10 ? String(Number(perHour.toPrecision(2))) : formatCount(perHour);
}
