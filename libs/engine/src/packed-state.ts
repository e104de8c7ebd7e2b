import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { dumpState, type FoldedRun } from '@baton/core';

/** More than any state that was packed within its bound can become. */
const MAX_UNPACKED_BYTES = 512 * 1_024 * 1_024;

/** The state as a checkpoint has it: its dump, compressed, with a checksum. In one turn, as making JSON of it is, which takes longer. */
export function packState(run: FoldedRun): Uint8Array {
  return zstdCompressSync(JSON.stringify(dumpState(run)), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
}

/** The dump in it; undefined where a single bit of it has changed. */
export function unpackState(packed: Uint8Array): unknown {
  try {
    return JSON.parse(zstdDecompressSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES }).toString()) as unknown;
  } catch {
    return undefined;
  }
}
