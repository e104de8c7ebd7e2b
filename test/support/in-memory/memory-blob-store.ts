import { createHash } from 'node:crypto';
import { BlobStore, type UnusedBlobs } from '@baton/core';

/** Blobs that all processes of a world share. Nothing is collected. */
export class MemoryBlobStore extends BlobStore {
  readonly payloads = new Map<string, Uint8Array>();

  put(tenantId: string, bytes: Uint8Array): Promise<string> {
    const digest = createHash('sha256').update(bytes).digest('hex');
    this.payloads.set(`${tenantId}/${digest}`, Uint8Array.from(bytes));
    return Promise.resolve(digest);
  }

  get(tenantId: string, digest: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.payloads.get(`${tenantId}/${digest}`) ?? null);
  }

  has(tenantId: string, digest: string): Promise<boolean> {
    return Promise.resolve(this.payloads.has(`${tenantId}/${digest}`));
  }

  delete(tenantId: string, digest: string): Promise<boolean> {
    this.payloads.delete(`${tenantId}/${digest}`);
    return Promise.resolve(true);
  }

  findUnused(): Promise<UnusedBlobs> {
    return Promise.resolve({ unused: [], next: null });
  }
}
