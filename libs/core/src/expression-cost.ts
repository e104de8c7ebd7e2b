import type { JsonValue } from './json.js';

/** Units of work of one evaluation: about an element looked at, or 64 characters. */
const BUDGET = 200_000;
const CHARS_PER_UNIT = 64;

/** More work than the budget has. */
export class TooMuchWork extends Error {}

/** Evaluation is synchronous, so one counter serves all: that of the innermost budget. */
let left = Infinity;

/**
 * Runs an evaluation that may go through lists, under a budget that depends on its values alone: equal scopes give equal outcomes. What it does is also
 * taken from the budget around it, which it cannot exceed.
 */
export function withBudget<T>(evaluate: () => T, units = BUDGET): T {
  const around = left;
  const own = Math.min(units, around);
  left = own;
  try {
    return evaluate();
  } finally {
    left = around - (own - left);
  }
}

/** Charges for a value's own size, before something goes through it. Gives the value back. */
export function chargeShallow<T>(value: T): T {
  spend(1 + ownSize(value));
  return value;
}

/** Charges for all that a value holds, before it is compared. Gives the value back. */
export function chargeDeep<T>(value: T): T {
  walk(value);
  return value;
}

/** `list.join(separator)` of CEL for lists of any scalar, charged before it is done. */
export function joinWithin(list: readonly JsonValue[], separator: string): string {
  let chars = separator.length * list.length;
  const parts = list.map((item) => {
    if (typeof item === 'object' && item !== null) throw new Error('join() takes a list of text, numbers and booleans');
    const text = String(item);
    chars += text.length;
    return text;
  });
  if (chars > BUDGET * CHARS_PER_UNIT) throw tooMuch();
  return parts.join(separator);
}

function walk(value: unknown): void {
  spend(1 + ownSize(value));
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) walk(inner);
}

function ownSize(value: unknown): number {
  if (typeof value === 'string') return Math.ceil(value.length / CHARS_PER_UNIT);
  return Array.isArray(value) ? value.length : 0;
}

function spend(units: number): void {
  left -= units;
  if (left < 0) throw tooMuch();
}

function tooMuch(): TooMuchWork {
  return new TooMuchWork('the expression does more work than one evaluation may do; look at smaller lists');
}
