import { createHash } from 'node:crypto';
import { BlobStore, UploadStore, type BlobPage, type UnusedBlobs, type Upload } from '@baton/core';

/** Uploads in memory, for tests of what stands on the port. */
export class MemoryUploadStore extends UploadStore {
  readonly rows: Upload[] = [];
  abandoned: string[] = [];

  add(uploads: readonly Upload[]): Promise<void> {
    this.rows.push(...uploads);
    return Promise.resolve();
  }

  list(runId: string, { from, limit }: { from: number; limit: number }): Promise<Upload[]> {
    const wanted = this.rows.filter((upload) => upload.runId === runId && upload.position >= from);
    return Promise.resolve(wanted.toSorted((a, b) => a.position - b.position).slice(0, limit));
  }

  remove(runId: string): Promise<{ tenantId: string; digest: string }[]> {
    const removed = this.rows.filter((upload) => upload.runId === runId);
    for (const upload of removed) this.rows.splice(this.rows.indexOf(upload), 1);
    return Promise.resolve(removed.flatMap(({ tenantId, digest }) => (digest === null ? [] : [{ tenantId, digest }])));
  }

  findAbandoned(): Promise<string[]> {
    return Promise.resolve(this.abandoned);
  }
}

/** Blobs in memory that live while an upload refers to them. */
export class MemoryBlobStore extends BlobStore {
  readonly payloads = new Map<string, Uint8Array>();

  constructor(private readonly uploads: MemoryUploadStore) {
    super();
  }

  put(tenantId: string, bytes: Uint8Array): Promise<string> {
    const digest = createHash('sha256').update(bytes).digest('hex');
    this.payloads.set(`${tenantId}/${digest}`, bytes);
    return Promise.resolve(digest);
  }

  get(tenantId: string, digest: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.payloads.get(`${tenantId}/${digest}`) ?? null);
  }

  has(tenantId: string, digest: string): Promise<boolean> {
    return Promise.resolve(this.payloads.has(`${tenantId}/${digest}`));
  }

  delete(tenantId: string, digest: string): Promise<boolean> {
    if (this.isWanted(tenantId, digest)) return Promise.resolve(false);
    this.payloads.delete(`${tenantId}/${digest}`);
    return Promise.resolve(true);
  }

  findUnused({ after, limit }: BlobPage): Promise<UnusedBlobs> {
    const page = [...this.payloads.keys()]
      .toSorted()
      .filter((key) => after === null || key > `${after.tenantId}/${after.digest}`)
      .slice(0, limit)
      .map((key) => {
        const [tenantId, digest] = key.split('/') as [string, string];
        return { tenantId, digest };
      });
    const unused = page.filter(({ tenantId, digest }) => !this.isWanted(tenantId, digest));
    return Promise.resolve({ unused, next: page.length < limit ? null : page.at(-1)! });
  }

  private isWanted(tenantId: string, digest: string): boolean {
    return this.uploads.rows.some((upload) => upload.tenantId === tenantId && upload.digest === digest);
  }
}
