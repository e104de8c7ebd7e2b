export type ObjectReader<T> = (content: AsyncIterable<Uint8Array>) => Promise<T>;

/** A place outside the database for bytes: of blobs, where what refers to them, and when they may go, is SQL's to know, and of runs that are archived. */
export abstract class BlobObjectStore {
  /** How the rows of blobs call it. */
  abstract readonly place: 'fs' | 's3';
  /**
   * Keeps an object whole or not at all: when it resolves, the object outlives a crash. Safe to repeat with the same bytes. A name has lower-case
   * letters, digits, `-`, `_`, and dots and slashes between them.
   * @param signal ends it at once, with its reason; the object is then there as it was before, or whole
   * @throws BatonError `storage_unavailable`.
   */
  abstract write(name: string, content: Uint8Array | AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void>;
  /** Null where there is no such object. @throws BatonError `storage_unavailable`. */
  abstract read(name: string, signal?: AbortSignal): Promise<Uint8Array | null>;
  /**
   * What a reader makes of an object that it gets piece by piece, as it comes; null where there is no such object.
   * @param reader is called again, with all of it, where the object breaks off and is asked for once more
   * @throws BatonError `storage_unavailable`.
   */
  abstract scan<T>(name: string, reader: ObjectReader<T>, signal?: AbortSignal): Promise<T | null>;
  /** Safe to repeat. @throws BatonError `storage_unavailable`. */
  abstract remove(name: string): Promise<void>;
}
