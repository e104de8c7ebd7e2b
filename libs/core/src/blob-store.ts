export interface PutOptions {
  /** How long the payload is kept, in milliseconds from now, though nothing refers to it yet. Default 0. */
  keepForMs?: number;
}

export interface BlobKey {
  readonly tenantId: string;
  readonly digest: string;
}

export interface BlobPage {
  /** Younger payloads may still be in somebody's hands. */
  readonly createdBefore: number;
  /** The last one of the page before; null: the first page. */
  readonly after: BlobKey | null;
  /** Payloads that are looked at. */
  readonly limit: number;
}

export interface UnusedBlobs {
  readonly unused: readonly BlobKey[];
  /** Where the next page begins; null: this was the last one. */
  readonly next: BlobKey | null;
}

/**
 * Payloads under their SHA-256, each kept once in a tenant. What is read is what was put, or an error says that it is not.
 *
 * A payload lives while something refers to it, so that a {@link delete} at the same instant must take nothing away that is still wanted. There
 * are two ways to see to that. Who needs a payload commits the reference first and puts the payload then: whoever reads the reference early
 * finds nothing. Or, where nobody may see a reference without its payload, it is put first with `keepForMs`, and the reference is
 * committed within that time: no delete takes away what was put so, or put again, before that.
 */
export abstract class BlobStore {
  /**
   * Keeps a payload and returns its digest, 64 hex digits; one that is there already is kept as it is.
   * @throws BatonError `payload_too_large` for more bytes than a blob may have, `storage_unavailable`.
   */
  abstract put(tenantId: string, bytes: Uint8Array, options?: PutOptions): Promise<string>;
  /**
   * The payload; null where there is none.
   * @param signal ends a request for it that is slow at once, with its reason
   * @throws BatonError `blob_damaged` where what is kept does not have the digest, `storage_unavailable`.
   */
  abstract get(tenantId: string, digest: string, signal?: AbortSignal): Promise<Uint8Array | null>;
  abstract has(tenantId: string, digest: string): Promise<boolean>;
  /** Removes the payload unless something refers to it or it is to be kept for a while; whether it is gone now. Safe to repeat. */
  abstract delete(tenantId: string, digest: string): Promise<boolean>;
  /** Of a page of the payloads of all tenants, in the order of their keys, those that nothing refers to: what a crash or a run that was removed has left behind. */
  abstract findUnused(page: BlobPage): Promise<UnusedBlobs>;
}
