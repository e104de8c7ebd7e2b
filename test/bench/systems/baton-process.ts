import 'reflect-metadata';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DEFAULT_TENANT, WorkflowDefinitionSchema, WorkflowStore, type WorkflowRef } from '@baton/core';
import { RunStarter, RunWatcher } from '@baton/engine';
import { createLogger, loadConfig, NestLogger, newInstanceId, PlatformModule, type ProcessRole } from '@baton/platform';
import type { BenchClient } from '../bench-client.js';

@Module({})
class BenchRoot {}

const RUN_BOUND_MS = 60_000;

/** Baton as its processes wire it: the submit use case and the watcher, and what else `modules` bring. */
export async function openBaton(
  role: ProcessRole,
  environment: Record<string, string>,
  modules: readonly Type[],
): Promise<BenchClient> {
  const config = loadConfig(role, environment);
  const logger = createLogger(config);
  const platform = PlatformModule.forRoot({ config, logger, instanceId: newInstanceId() });
  const app = await NestFactory.createApplicationContext(
    { module: BenchRoot, imports: [platform, ...modules] },
    { logger: new NestLogger(logger), abortOnError: false },
  );
  const starter = app.get(RunStarter);
  const watcher = app.get(RunWatcher);
  const chains = new Map<number, Promise<WorkflowRef>>();
  const neverAborts = new AbortController().signal;

  const chainOf = (steps: number): Promise<WorkflowRef> => {
    const chain = chains.get(steps) ?? publishChain(app.get(WorkflowStore), steps);
    chains.set(steps, chain);
    return chain;
  };

  return {
    async execute(steps) {
      const workflow = await chainOf(steps);
      const run = await starter.startWorkflowRun({ tenantId: DEFAULT_TENANT, workflow, input: {}, idempotency: null });
      const ended = await watcher.waitForEnd(run.id, RUN_BOUND_MS, neverAborts, { fresh: true });
      if (ended?.status !== 'completed')
        throw new Error(`run ${run.id}: ${ended?.status ?? 'not ended'} ${ended?.error?.message ?? ''}`);
    },
    async close() {
      await app.close();
    },
  };
}

/** A workflow of `steps` echo nodes, one after the other. */
async function publishChain(workflows: WorkflowStore, steps: number): Promise<WorkflowRef> {
  const nodes = Array.from({ length: steps }, (_, index) => ({
    id: `step-${index + 1}`,
    type: 'echo',
    depends_on: index === 0 ? [] : [`step-${index}`],
    config: { i: index + 1 },
  }));
  const definition = WorkflowDefinitionSchema.parse({ name: `chain-${steps}`, nodes });
  return workflows.publish(DEFAULT_TENANT, definition, Date.now());
}
