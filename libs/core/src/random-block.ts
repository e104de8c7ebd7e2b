import { randomFillSync } from 'node:crypto';

const BLOCK_BYTES = 4_096;

const block = Buffer.allocUnsafe(BLOCK_BYTES);
let used = BLOCK_BYTES;

/** So many bytes of the system's random generator, at most 4096, each given once. It is asked for a block at once: a call of it costs more than an id. */
export function takeRandomBytes(count: number): Buffer {
  if (count > BLOCK_BYTES) throw new RangeError(`At most ${BLOCK_BYTES} bytes at once.`);
  if (used + count > BLOCK_BYTES) {
    randomFillSync(block);
    used = 0;
  }
  used += count;
  return Buffer.from(block.subarray(used - count, used));
}
