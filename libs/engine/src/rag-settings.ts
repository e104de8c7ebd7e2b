import { v7 as uuidv7 } from 'uuid';
import {
  BatonError,
  collectionName,
  RagSettingsSchema,
  sharesVectors,
  type Clock,
  type Embedders,
  type ErrorInfo,
  type RagConfig,
  type RagConfigStore,
  type RagSettings,
  type Run,
  type RunStore,
  type WorkflowStore,
} from '@baton/core';
import type { RagConfigs } from './rag-configs.js';
import type { RunStarter } from './start-run.js';

/** A tenant's configuration with what its last re-embedding run came to. */
export interface RagConfigView {
  config: RagConfig;
  /** `reembedding`: the run is live; `failed`: it ended without the change, and what was active before still is. */
  status: 'active' | 'reembedding' | 'failed';
  /** Why the run failed. */
  error: ErrorInfo | null;
}

export interface RagConfigChange {
  /** The revision that the caller has read. */
  revision: number;
  /** What is left out stays as it is. */
  settings: Partial<RagSettings>;
}

/** `run`: the re-embedding run that was accepted; null: the change holds already. */
export interface RagChangeOutcome {
  view: RagConfigView;
  run: Run | null;
}

/**
 * Shows and changes how a tenant's documents are embedded and searched. What changes the vectors starts a durable run that builds them
 * beside the old ones and switches over at its end; until then searches go on as before.
 */
export class RagConfigurator {
  constructor(
    private readonly parts: {
      configs: RagConfigStore;
      reader: RagConfigs;
      embedders: Embedders;
      runs: RunStore;
      workflows: WorkflowStore;
      starter: RunStarter;
      clock: Clock;
    },
    /** The workflow that embeds anew. */
    private readonly workflow: string,
  ) {}

  async view(tenantId: string): Promise<RagConfigView> {
    return await this.viewOf(await this.parts.reader.read(tenantId));
  }

  /**
   * @throws BatonError `stale_revision` when the configuration has changed since it was read, `reembedding` while a run is live,
   * `invalid_request` for settings that do not fit together or that no embedder can fulfil.
   */
  async change(tenantId: string, { revision, settings }: RagConfigChange): Promise<RagChangeOutcome> {
    const { config, status } = await this.viewOf(await this.parts.reader.pin(tenantId));
    if (status === 'reembedding') {
      throw new BatonError('reembedding', 'A re-embedding run is live.', { reembed_run_id: config.runId });
    }
    if (config.revision !== revision) throw staleRevision(config.revision);
    const wanted = checkSettings({ ...config.active, ...settings });
    this.parts.embedders.open(wanted.model, wanted.dimensions);
    if (sharesVectors(wanted, config.active)) {
      return { view: await this.keep(config, { active: wanted, ...setAside(config) }), run: null };
    }
    return await this.reembed(config, wanted);
  }

  /** The row first, then the run under the id that it names: whoever dies in between leaves a run that never was, which counts as failed. */
  private async reembed(config: RagConfig, next: RagSettings): Promise<RagChangeOutcome> {
    const { workflows, starter } = this.parts;
    const { tenantId } = config;
    const workflow = await workflows.findByName(tenantId, this.workflow);
    if (workflow === null) {
      throw new BatonError('workflow_not_found', `There is no workflow \`${this.workflow}\`.`, { workflow: this.workflow });
    }
    const runId = uuidv7();
    const { leftovers } = setAside(config);
    const target = collectionName(next);
    await this.keep(config, { next, runId, leftovers: leftovers.filter((name) => name !== target) });
    const input = { from: collectionName(config.active), to: target };
    const run = await starter.startWorkflowRun({ tenantId, workflow, input, idempotency: null, runId });
    return { view: await this.view(tenantId), run };
  }

  private async keep(config: RagConfig, change: Partial<RagConfig>): Promise<RagConfigView> {
    const { configs, clock } = this.parts;
    const changed = { ...config, ...change, revision: config.revision + 1, updatedAt: clock.now() };
    if (await configs.replace(changed, config.revision)) return await this.viewOf(changed);
    throw staleRevision((await this.parts.reader.read(config.tenantId)).revision);
  }

  private async viewOf(config: RagConfig): Promise<RagConfigView> {
    const run = config.runId === null ? null : await this.parts.runs.findRun(config.runId);
    if (run !== null && run.finishedAt === null) return { config, status: 'reembedding', error: null };
    return config.next === null
      ? { config, status: 'active', error: null }
      : { config, status: 'failed', error: run?.error ?? null };
  }
}

/** Gives up what a failed run was building: its collection becomes one to tidy up. */
function setAside({ active, next, leftovers }: RagConfig): { next: null; leftovers: string[] } {
  const names = new Set([...leftovers, ...(next === null ? [] : [collectionName(next)])]);
  names.delete(collectionName(active));
  return { next: null, leftovers: [...names] };
}

function checkSettings(settings: RagSettings): RagSettings {
  const checked = RagSettingsSchema.safeParse(settings);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map(({ path, message }) => ({
    pointer: `/${path.map((part) => String(part).replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)).join('/')}`,
    message,
  }));
  throw new BatonError('invalid_request', 'The settings do not fit together.', {}, { problems });
}

function staleRevision(revision: number): BatonError {
  return new BatonError('stale_revision', `The configuration is at revision ${revision}.`, { revision });
}
