import { meteredStep } from '@baton/agents';
import {
  addUsage,
  BatonError,
  collectionName,
  NO_USAGE,
  NodeHandler,
  type CallMeter,
  type Clock,
  type DocumentIndexer,
  type DocumentStore,
  type JsonValue,
  type NodeContext,
  type RagConfig,
  type RagConfigStore,
  type RagSettings,
  type VectorStore,
} from '@baton/core';

export interface ReembedOptions {
  /** Searched by tenants that have no configuration of their own: only emptied, never dropped. */
  sharedCollection: string;
  /** Documents in one journaled step. */
  pageSize?: number;
}

/** Where a page begins: after this document, newest first. */
type Position = { createdAt: number; id: string };
type Page = { documents: number; chunks: number; after: Position | null };

/**
 * Builds the collection of a tenant's next configuration page by page, switches searches over to it in one write, and tidies up what is
 * searched no more. Each page is a step: a worker that dies costs the page it was in. Documents that are taken in meanwhile are indexed
 * by whoever takes them in, so that paging from the newest back misses none.
 */
export class ReembedNode extends NodeHandler {
  readonly type = 'reembed';

  constructor(
    private readonly parts: {
      configs: RagConfigStore;
      documents: DocumentStore;
      vectors: VectorStore;
      indexer: DocumentIndexer;
      clock: Clock;
    },
    private readonly options: ReembedOptions,
  ) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const settings = await context.step('begin', async () => {
      const { next } = await this.readOwn(context);
      if (next === null) throw notWanted(context.runId);
      await this.parts.vectors.prepare(collectionName(next), next.dimensions);
      return next;
    });
    const embedded = await this.embedAll(context, settings, 'page');
    const isComplete = await context.step('check', () => this.isComplete(context.tenantId, settings));
    if (!isComplete) await this.embedAll(context, settings, 'again');
    const revision = await context.step('switch', () => {
      context.log.info(`Searches go to ${collectionName(settings)} from now on`, embedded);
      return this.switchOver(context, settings);
    });
    const dropped = await context.step('tidy', (signal) => this.tidyUp(context, signal));
    return { collection: collectionName(settings), revision, ...embedded, dropped };
  }

  private async embedAll(context: NodeContext, settings: RagSettings, pass: string): Promise<Omit<Page, 'after'>> {
    const total = { documents: 0, chunks: 0 };
    let after: Position | null = null;
    for (let number = 1; ; number += 1) {
      const from: Position | null = after;
      const step = { key: `${pass}-${number}`, agent: context.nodeId };
      const page: Page = await meteredStep(context, step, (signal, meter) =>
        this.embedPage(context.tenantId, settings, from, { signal, meter }),
      );
      total.documents += page.documents;
      total.chunks += page.chunks;
      if (page.after === null) return total;
      after = page.after;
    }
  }

  private async embedPage(
    tenantId: string,
    settings: RagSettings,
    from: Position | null,
    { signal, meter }: { signal: AbortSignal; meter: CallMeter },
  ): Promise<Page> {
    const limit = this.options.pageSize ?? 10;
    const documents = await this.parts.documents.list(tenantId, { limit, ...(from !== null && { before: from }) });
    const { indexer } = this.parts;
    const quotes = await Promise.all(documents.map((document) => indexer.quote(document, settings)));
    await meter.reserve(quotes.reduce(addUsage, NO_USAGE));
    let chunks = 0;
    for (const document of documents) {
      signal.throwIfAborted();
      chunks += (await indexer.index(document, settings, { signal, meter })).chunks;
    }
    const last = documents.at(-1);
    const isLast = last === undefined || documents.length < limit;
    return { documents: documents.length, chunks, after: isLast ? null : { createdAt: last.createdAt, id: last.id } };
  }

  /** Whether the new collection holds as many chunks as the documents have; documents that come and go meanwhile may make it look otherwise. */
  private async isComplete(tenantId: string, settings: RagSettings): Promise<boolean> {
    const { documents, vectors } = this.parts;
    const [there, wanted] = await Promise.all([
      vectors.count(collectionName(settings), tenantId),
      documents.countChunks(tenantId),
    ]);
    return there === wanted;
  }

  /** One conditional write. A switch whose journaling was cut off is found done. */
  private async switchOver(context: NodeContext, settings: RagSettings): Promise<number> {
    const config = await this.readOwn(context);
    if (config.next === null) return config.revision;
    const switched: RagConfig = {
      ...config,
      active: settings,
      next: null,
      revision: config.revision + 1,
      leftovers: [...new Set([...config.leftovers, collectionName(config.active)])],
      updatedAt: this.parts.clock.now(),
    };
    if (await this.parts.configs.replace(switched, config.revision)) return switched.revision;
    throw notWanted(context.runId);
  }

  /** Takes the tenant's points out of what is searched no more, and drops the collections that no tenant needs. */
  private async tidyUp(context: NodeContext, signal: AbortSignal): Promise<string[]> {
    const { configs, vectors } = this.parts;
    const config = await this.readOwn(context);
    const needed = new Set([this.options.sharedCollection, ...(await configs.list()).flatMap(collectionsInUse)]);
    const dropped: string[] = [];
    for (const name of config.leftovers) {
      signal.throwIfAborted();
      if (name === collectionName(config.active)) continue;
      await vectors.removeTenant(name, config.tenantId);
      if (needed.has(name)) continue;
      await vectors.drop(name);
      dropped.push(name);
    }
    await configs.replace({ ...config, leftovers: [] }, config.revision);
    return dropped;
  }

  /** The tenant's configuration, as long as it is this run that changes it. */
  private async readOwn({ tenantId, runId }: NodeContext): Promise<RagConfig> {
    const config = await this.parts.configs.find(tenantId);
    if (config === null || config.runId !== runId) throw notWanted(runId);
    return config;
  }
}

function collectionsInUse({ active, next }: RagConfig): string[] {
  return [collectionName(active), ...(next === null ? [] : [collectionName(next)])];
}

function notWanted(runId: string): BatonError {
  return new BatonError(
    'stale_revision',
    'The configuration does not ask for this run.',
    { run_id: runId },
    { retryable: false, remedy: 'Change the configuration with PUT /api/rag/config: it starts the run that it needs.' },
  );
}
