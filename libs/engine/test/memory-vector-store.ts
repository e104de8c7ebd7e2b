import { BatonError, VectorStore, type VectorHit, type VectorPoint, type VectorQuery } from '@baton/core';

/** Vectors in memory that finds whatever it is told to, and breaks when it is told to. */
export class MemoryVectorStore extends VectorStore {
  readonly kind = 'memory';
  readonly collections = new Map<string, Map<string, VectorPoint>>();
  readonly searches: (VectorQuery & { collection: string })[] = [];
  readonly batches: number[] = [];
  hits: VectorHit[] = [];
  /** Upserts that succeed before the store breaks. */
  allowed = Infinity;

  /** The points of a collection; the only one there is when none is named. */
  points(collection?: string): Map<string, VectorPoint> {
    const found = collection === undefined ? [...this.collections.values()][0] : this.collections.get(collection);
    return found ?? new Map<string, VectorPoint>();
  }

  prepare(collection: string): Promise<void> {
    if (!this.collections.has(collection)) this.collections.set(collection, new Map());
    return Promise.resolve();
  }

  upsert(collection: string, points: readonly VectorPoint[]): Promise<void> {
    this.allowed -= 1;
    if (this.allowed < 0) return Promise.reject(new BatonError('vectors_unavailable', 'gone'));
    this.batches.push(points.length);
    for (const point of points) this.collections.get(collection)!.set(`${point.tenantId}/${point.id}`, point);
    return Promise.resolve();
  }

  search(collection: string, query: VectorQuery): Promise<VectorHit[]> {
    this.searches.push({ collection, ...query });
    return Promise.resolve(this.hits);
  }

  removeDocument(collection: string, tenantId: string, documentId: string): Promise<void> {
    return this.remove(collection, (point) => point.tenantId === tenantId && point.documentId === documentId);
  }

  removeTenant(collection: string, tenantId: string): Promise<void> {
    return this.remove(collection, (point) => point.tenantId === tenantId);
  }

  count(collection: string, tenantId: string, documentId?: string): Promise<number> {
    const isMeant = (point: VectorPoint): boolean =>
      point.tenantId === tenantId && (documentId === undefined || point.documentId === documentId);
    return Promise.resolve([...this.points(collection).values()].filter(isMeant).length);
  }

  drop(collection: string): Promise<void> {
    this.collections.delete(collection);
    return Promise.resolve();
  }

  list(): Promise<string[]> {
    return Promise.resolve([...this.collections.keys()].toSorted());
  }

  ping(): Promise<boolean> {
    return Promise.resolve(true);
  }

  private remove(collection: string, isMeant: (point: VectorPoint) => boolean): Promise<void> {
    const points = this.points(collection);
    for (const [key, point] of points) if (isMeant(point)) points.delete(key);
    return Promise.resolve();
  }
}
