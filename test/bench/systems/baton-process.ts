import 'reflect-metadata';
import { Module, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DEFAULT_TENANT, WorkflowDefinitionSchema, WorkflowStore, type WorkflowRef } from '@baton/core';
import { RunStarter, RunWatcher } from '@baton/engine';
import { createLogger, loadConfig, NestLogger, newInstanceId, PlatformModule, type ProcessRole } from '@baton/platform';
import type { BenchClient, RunShape } from '../bench-client.js';
import { definitionOf } from './workflow-of.js';

@Module({})
class BenchRoot {}

const RUN_BOUND_MS = 110_000;

/** Baton as its processes wire it, and what else `modules` bring. */
export function openBatonContext(
  role: ProcessRole,
  environment: Record<string, string>,
  modules: readonly Type[] = [],
): Promise<INestApplicationContext> {
  const config = loadConfig(role, environment);
  const logger = createLogger(config);
  const platform = PlatformModule.forRoot({ config, logger, instanceId: newInstanceId() });
  return NestFactory.createApplicationContext(
    { module: BenchRoot, imports: [platform, ...modules] },
    { logger: new NestLogger(logger), abortOnError: false },
  );
}

/** The submit use case and the watcher of such a Baton. */
export async function openBaton(
  role: ProcessRole,
  environment: Record<string, string>,
  modules: readonly Type[],
): Promise<BenchClient> {
  const app = await openBatonContext(role, environment, modules);
  const starter = app.get(RunStarter);
  const watcher = app.get(RunWatcher);
  const published = new Map<string, Promise<WorkflowRef>>();
  const neverAborts = new AbortController().signal;

  const workflowOf = (steps: number, shape: RunShape): Promise<WorkflowRef> => {
    const name = `${shape}-${steps}`;
    const workflow = published.get(name) ?? publish(app.get(WorkflowStore), name, steps, shape);
    published.set(name, workflow);
    return workflow;
  };

  return {
    async execute(steps, shape = 'chain') {
      const workflow = await workflowOf(steps, shape);
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

/** A workflow of `steps` echo nodes. */
async function publish(workflows: WorkflowStore, name: string, steps: number, shape: RunShape): Promise<WorkflowRef> {
  const definition = WorkflowDefinitionSchema.parse(definitionOf(name, steps, shape));
  return workflows.publish(DEFAULT_TENANT, definition, Date.now());
}
