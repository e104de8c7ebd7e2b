import { inflateRawSync } from 'node:zlib';
import { BatonError } from '@baton/core';

/** A file in a ZIP archive, as its directory names it. */
export interface ZipEntry {
  name: string;
  /** 0 stored, 8 deflated. */
  method: number;
  isEncrypted: boolean;
  /** Where its local header begins. */
  offset: number;
  packedBytes: number;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
const MAX_ENTRIES = 10_000;

/** The directory of an archive. @throws BatonError `document_unreadable`. */
export function listZip(bytes: Uint8Array): ZipEntry[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    return readDirectory(view);
  } catch (error) {
    if (error instanceof RangeError) throw broken('it is cut off');
    throw error;
  }
}

/**
 * Unpacks every entry, one after the other, and keeps none: what an archive says of its own sizes may be wrong.
 * @throws BatonError `payload_too_large` as soon as all of them exceed `maxBytes`, `document_unreadable` or `document_encrypted`.
 */
export function checkZip(bytes: Uint8Array, maxBytes: number): void {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let unpacked = 0;
  for (const entry of listZip(bytes)) {
    if (entry.isEncrypted) throw new BatonError('document_encrypted', 'The document is protected by a password');
    unpacked += unpackedSize(view, entry, maxBytes - unpacked);
    if (unpacked > maxBytes) throw new BatonError('payload_too_large', `The archive unpacks to more than ${maxBytes} bytes`);
  }
}

function readDirectory(view: Buffer): ZipEntry[] {
  const end = view.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end < view.length - END_BYTES - MAX_COMMENT_BYTES || view.readUInt32LE(end) !== END_OF_DIRECTORY) {
    throw broken('it is cut off');
  }
  const count = view.readUInt16LE(end + 10);
  if (count > MAX_ENTRIES)
    throw new BatonError('payload_too_large', `The archive has ${count} files; the limit is ${MAX_ENTRIES}`);
  const entries: ZipEntry[] = [];
  for (let at = view.readUInt32LE(end + 16); entries.length < count;) {
    if (view.readUInt32LE(at) !== DIRECTORY_ENTRY) throw broken('its directory is damaged');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => view.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    entries.push({
      name: view.toString('utf8', at + 46, at + 46 + nameBytes),
      method: view.readUInt16LE(at + 10),
      isEncrypted: (view.readUInt16LE(at + 8) & 1) === 1,
      packedBytes: view.readUInt32LE(at + 20),
      offset: view.readUInt32LE(at + 42),
    });
    at += 46 + nameBytes + extraBytes + commentBytes;
  }
  return entries;
}

/** Infinity for more than `maxBytes`. */
function unpackedSize(view: Buffer, { offset, method, packedBytes }: ZipEntry, maxBytes: number): number {
  if (method === 0 || packedBytes === 0) return packedBytes;
  if (method !== 8) throw broken('it is packed in a way that nobody uses');
  try {
    if (view.readUInt32LE(offset) !== LOCAL_HEADER) throw broken('its directory is damaged');
    const start = offset + 30 + view.readUInt16LE(offset + 26) + view.readUInt16LE(offset + 28);
    // One byte at least, since zlib takes no limit of nothing.
    return inflateRawSync(view.subarray(start, start + packedBytes), { maxOutputLength: Math.max(1, maxBytes) }).length;
  } catch (error) {
    if (error instanceof BatonError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return Infinity;
    throw broken('it cannot be unpacked');
  }
}

function broken(why: string): BatonError {
  return new BatonError('document_unreadable', `The archive cannot be read: ${why}`);
}
