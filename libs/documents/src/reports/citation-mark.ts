import type { ReportSource } from '@baton/core';

/** How texts cite a source: `[1]`, or `[1] [4]`. */
export function citationMark({ numbers }: ReportSource): string {
  return numbers.map((n) => `[${n}]`).join(' ');
}
