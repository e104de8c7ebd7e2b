import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Clock, DEFAULT_TENANT, RunStore, WorkflowStore, type JsonValue, type WorkflowDefinition } from '@baton/core';
import { DocumentIngestor, RunStarter, shipWorkflow } from '@baton/engine';
import { DEMO_EXAMPLES } from './demo-examples.js';
import { DEMO_INPUT, DEMO_WORKFLOW } from './demo-workflow.js';

/** The root of the tree, from where the build puts this file. */
const DOCS = join(import.meta.dirname, '../../../../../docs');

export interface FirstRunParts {
  workflows: WorkflowStore;
  runs: RunStore;
  ingestor: DocumentIngestor;
  starter: RunStarter;
  clock: Clock;
}

/** The id of the newest run of the demo; null: these data have none, and it is not started on them. */
export async function findFirstRun({ workflows, runs }: FirstRunParts): Promise<string | null> {
  const workflow = await workflows.find(DEFAULT_TENANT, DEMO_WORKFLOW.name);
  if (workflow === null) return null;
  const [run] = await runs.listRuns({ tenantId: DEFAULT_TENANT, workflowId: workflow.id, limit: 1 });
  return run?.id ?? null;
}

/** Whether nothing has run on these data yet. */
export async function isFresh({ workflows, runs }: FirstRunParts): Promise<boolean> {
  if ((await workflows.find(DEFAULT_TENANT, DEMO_WORKFLOW.name)) !== null) return false;
  return (await runs.listRuns({ tenantId: DEFAULT_TENANT, limit: 1 })).length === 0;
}

/** Ingests the documentation of Baton, and starts the run with its examples beside it; returns the run's id. Repeated, it does the same once. */
export async function startFirstRun(parts: FirstRunParts): Promise<string> {
  for (const document of await readDocs()) await parts.ingestor.ingest(DEFAULT_TENANT, [document]);
  const id = await startOnce(parts, DEMO_WORKFLOW, DEMO_INPUT);
  for (const { definition, input } of DEMO_EXAMPLES) await startOnce(parts, definition, input);
  return id;
}

async function startOnce({ workflows, starter, clock }: FirstRunParts, definition: WorkflowDefinition, input: JsonValue) {
  const { name } = definition;
  await shipWorkflow(workflows, DEFAULT_TENANT, definition, clock.now());
  const workflow = await starter.findRunnable(DEFAULT_TENANT, name);
  const idempotency = { key: name, requestDigest: name };
  const { id } = await starter.startWorkflowRun({ tenantId: DEFAULT_TENANT, workflow, input, by: 'demo', idempotency });
  return id;
}

async function readDocs() {
  const names = (await readdir(DOCS)).filter((name) => name.endsWith('.md'));
  return Promise.all(
    names.map(async (name) => ({
      ...{ source: `docs/${name}`, media_type: 'text/markdown' as const },
      text: await readFile(join(DOCS, name), 'utf8'),
    })),
  );
}
