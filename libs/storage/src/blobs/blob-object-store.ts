/** A place outside the database for bytes: of blobs, where what refers to them, and when they may go, is SQL's to know, and of runs that are archived. */
export abstract class BlobObjectStore {
  /** How the rows of blobs call it. */
  abstract readonly place: 'fs' | 's3';
  /**
   * Keeps an object whole or not at all: when it resolves, the object outlives a crash. Safe to repeat with the same bytes. A name has lower-case
   * letters, digits, `-`, `_`, and dots and slashes between them.
   * @throws BatonError `storage_unavailable`.
   */
  abstract write(name: string, bytes: Uint8Array): Promise<void>;
  /** Null where there is no such object. @throws BatonError `storage_unavailable`. */
  abstract read(name: string): Promise<Uint8Array | null>;
  /** Safe to repeat. @throws BatonError `storage_unavailable`. */
  abstract remove(name: string): Promise<void>;
}
