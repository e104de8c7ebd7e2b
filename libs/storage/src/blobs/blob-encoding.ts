import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { BatonError } from '@baton/core';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export type BlobEncoding = 'identity' | 'zstd';

/** What is smaller stays as it is. */
const MIN_COMPRESSED_BYTES = 512;

/** SHA-256 of the bytes as they were put, whatever is kept of them; hex. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Compresses what becomes a tenth smaller by it at least. */
export async function encodeBlob(bytes: Uint8Array): Promise<{ encoding: BlobEncoding; content: Uint8Array }> {
  if (bytes.length < MIN_COMPRESSED_BYTES) return { encoding: 'identity', content: bytes };
  const compressed = await compress(bytes);
  if (compressed.length > bytes.length * 0.9) return { encoding: 'identity', content: bytes };
  return { encoding: 'zstd', content: compressed };
}

/** In the encoding that somebody else has begun with. */
export async function encodeAs(encoding: BlobEncoding, bytes: Uint8Array): Promise<Uint8Array> {
  return encoding === 'zstd' ? await compress(bytes) : bytes;
}

/** The bytes that were put; null where what was kept of them is damaged. Never makes more of it than there were. */
export async function decodeBlob(
  { digest, bytes, encoding }: { digest: string; bytes: number; encoding: BlobEncoding },
  content: Uint8Array,
): Promise<Uint8Array | null> {
  try {
    const plain = encoding === 'zstd' ? await decompress(content, { maxOutputLength: Math.max(1, bytes) }) : content;
    return digestOf(plain) === digest ? plain : null;
  } catch {
    return null;
  }
}

export function damaged(digest: string): BatonError {
  return new BatonError('blob_damaged', `The payload ${digest} is not what was kept.`, { digest }, { retryable: false });
}
