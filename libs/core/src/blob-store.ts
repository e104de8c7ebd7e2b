export interface PutOptions {
  /** How long the payload is kept, in milliseconds from now, though nothing refers to it yet. Default 0. */
  keepForMs?: number;
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
   * @throws BatonError `blob_damaged` where what is kept does not have the digest, `storage_unavailable`.
   */
  abstract get(tenantId: string, digest: string): Promise<Uint8Array | null>;
  abstract has(tenantId: string, digest: string): Promise<boolean>;
  /** Removes the payload unless something refers to it or it is to be kept for a while; whether it is gone now. Safe to repeat. */
  abstract delete(tenantId: string, digest: string): Promise<boolean>;
  /** Payloads of all tenants from before `createdBefore` that nothing refers to: what a crash has left behind. */
  abstract findUnused(createdBefore: number, limit: number): Promise<{ tenantId: string; digest: string }[]>;
}
