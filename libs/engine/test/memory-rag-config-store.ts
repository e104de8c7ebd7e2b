import { RagConfigStore, type RagConfig, type RagSettings } from '@baton/core';

/** Retrieval configurations in memory, for tests of what stands on the port. */
export class MemoryRagConfigStore extends RagConfigStore {
  private readonly configs = new Map<string, RagConfig>();

  find(tenantId: string): Promise<RagConfig | null> {
    return Promise.resolve(this.configs.get(tenantId) ?? null);
  }

  create(config: RagConfig): Promise<boolean> {
    if (this.configs.has(config.tenantId)) return Promise.resolve(false);
    this.configs.set(config.tenantId, config);
    return Promise.resolve(true);
  }

  replace(config: RagConfig, expectedRevision: number): Promise<boolean> {
    if (this.configs.get(config.tenantId)?.revision !== expectedRevision) return Promise.resolve(false);
    this.configs.set(config.tenantId, config);
    return Promise.resolve(true);
  }

  list(): Promise<RagConfig[]> {
    return Promise.resolve([...this.configs.values()]);
  }
}

export const SETTINGS: RagSettings = {
  collection: 'test',
  model: 'fake',
  dimensions: 1,
  chunkSize: 900,
  chunkOverlap: 120,
  topK: 5,
};
