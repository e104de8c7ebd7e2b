import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { BatonError } from '@baton/core';

/** 8 MiB, as RFC 9659 has it: more is memory that an answer of some bytes would ask for. */
const ZSTD_WINDOW_LOG = 23;

const DECODERS = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } })],
]);

/** The compressions that {@link readBody} undoes, as a header asks for them. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br, zstd';

/**
 * Reads an answer to its end and undoes its compression. Never holds more than `maxBytes`, however small it came.
 * @throws BatonError `http_failed`: it is larger, or compressed in another way; no retry helps.
 */
export async function readBody(body: Readable, encoding: string, maxBytes: number): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  const createDecoder = DECODERS.get(name);
  const chunks: Buffer[] = [];
  let left = maxBytes;
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      left -= chunk.length;
      if (left < 0) throw unreadable(`The answer has more than ${maxBytes} bytes.`);
      chunks.push(chunk);
    }
  };
  if (createDecoder !== undefined) await pipeline(body, createDecoder(), collect);
  else if (name === '' || name === 'identity') await pipeline(body, collect);
  else {
    discardBody(body);
    throw unreadable(`The answer is compressed as \`${name.slice(0, 50)}\`, which was not asked for.`);
  }
  return Buffer.concat(chunks);
}

/** Ends the connection of an answer that nobody reads. */
export function discardBody(body: Readable): void {
  body.on('error', () => undefined).destroy();
}

/** An answer that cannot be taken, and would be the same another time. */
export function unreadable(message: string): BatonError {
  return new BatonError('http_failed', message, {}, { retryable: false });
}
