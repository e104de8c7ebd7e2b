/**
 * Payloads under their SHA-256, each kept once in a tenant. What is read is what was put, or an error says that it is not.
 *
 * A payload lives while something refers to it. Who needs one commits the reference first and puts the payload then, so that a
 * {@link delete} at the same instant takes nothing away that is still wanted.
 */
export abstract class BlobStore {
  /**
   * Keeps a payload and returns its digest, 64 hex digits; one that is there already is kept as it is.
   * @throws BatonError `payload_too_large` for more bytes than a blob may have, `storage_unavailable`.
   */
  abstract put(tenantId: string, bytes: Uint8Array): Promise<string>;
  /**
   * The payload; null where there is none.
   * @throws BatonError `blob_damaged` where what is kept does not have the digest, `storage_unavailable`.
   */
  abstract get(tenantId: string, digest: string): Promise<Uint8Array | null>;
  abstract has(tenantId: string, digest: string): Promise<boolean>;
  /** Removes the payload unless an upload refers to it; whether it is gone now. Safe to repeat. */
  abstract delete(tenantId: string, digest: string): Promise<boolean>;
  /** Payloads of all tenants from before `createdBefore` that nothing refers to: what a crash has left behind. */
  abstract findUnused(createdBefore: number, limit: number): Promise<{ tenantId: string; digest: string }[]>;
}
