import { setFlagsFromString } from 'node:v8';

/** Left alone, V8 lets the heap grow to several times of what it found in use: in a flood of small requests, to hundreds of MiB of what nobody uses. */
const GROWTH_PERCENT = 100;

/** Has garbage collected once the heap is twice what was in use. To be called before the first collection. */
export function boundHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
