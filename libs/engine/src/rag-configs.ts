import { collectionName, type Clock, type RagConfig, type RagConfigStore, type RagSettings, type RunStore } from '@baton/core';

/** How each tenant's documents are embedded and searched: what is kept, or else the defaults of the process. */
export class RagConfigs {
  constructor(
    private readonly parts: { configs: RagConfigStore; runs: RunStore; clock: Clock },
    private readonly defaults: RagSettings,
  ) {}

  async read(tenantId: string): Promise<RagConfig> {
    return (await this.parts.configs.find(tenantId)) ?? this.initial(tenantId);
  }

  /**
   * What holds now, kept from now on: once vectors are made, other defaults must not send searches to a collection that lacks them.
   */
  async pin(tenantId: string): Promise<RagConfig> {
    const found = await this.parts.configs.find(tenantId);
    if (found !== null) return found;
    const initial = this.initial(tenantId);
    return (await this.parts.configs.create(initial)) ? initial : await this.read(tenantId);
  }

  /**
   * The settings by which a document must be indexed: those that searches use, and those that a live re-embedding run is building.
   * Ask only once the document is in SQL: then whichever run this does not see yet will see the document.
   */
  async targets(tenantId: string): Promise<RagSettings[]> {
    const { active, next, runId } = await this.pin(tenantId);
    if (next === null || runId === null) return [active];
    const run = await this.parts.runs.findRun(runId);
    return run === null || run.finishedAt !== null ? [active] : [active, next];
  }

  /** Every collection that may hold vectors of the tenant: what is removed must be removed from all of them. */
  async collections(tenantId: string): Promise<string[]> {
    const { active, next, leftovers } = await this.read(tenantId);
    return [...new Set([collectionName(active), ...(next === null ? [] : [collectionName(next)]), ...leftovers])];
  }

  private initial(tenantId: string): RagConfig {
    const { defaults: active, parts } = this;
    return { tenantId, revision: 0, active, next: null, runId: null, leftovers: [], updatedAt: parts.clock.now() };
  }
}
