import type { JsonObject } from '@baton/core';

/** Whether calls hold nothing of any amount of a budget, as `GET /api/v1/budget` tells it. */
export function isSettled(budget: JsonObject): boolean {
  const periods = budget['periods'] as { amounts: { held: number }[] }[];
  const held = periods.flatMap(({ amounts }) => amounts.map((amount) => amount.held));
  return held.length > 0 && held.every((amount) => amount === 0);
}
