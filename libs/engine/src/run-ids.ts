import { takeRandomBytes } from '@baton/core';
import { v7 as uuidv7 } from 'uuid';

let lastAt = -Infinity;
let order = 0;

/** An id of a new run: UUIDs of version 7, which rise with each call in this process. */
export function newRunId(): string {
  const random = takeRandomBytes(16);
  const now = Date.now();
  if (now > lastAt) {
    lastAt = now;
    order = random.readUInt32BE() >>> 2;
  } else order += 1;
  return uuidv7({ random, msecs: lastAt, seq: order });
}
