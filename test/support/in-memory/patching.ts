import type { Clock } from '@baton/core';
import { RunPatcher, WorkflowPublisher, type RunInspector, type RunPatcherOptions } from '@baton/engine';
import type { MemoryRunStore } from './memory-run-store.js';
import type { MemoryWorkerRegistry } from './memory-worker-registry.js';
import type { MemoryWorkflowStore } from './memory-workflow-store.js';

interface PatchingParts {
  runs: MemoryRunStore;
  workflows: MemoryWorkflowStore;
  registry: MemoryWorkerRegistry;
  inspector: RunInspector;
  clock: Clock;
}

/** Bounds that no test meets unless it means to. */
const DEFINITION_BOUNDS = {
  limits: { maxBytes: 1_000_000, maxYamlBytes: 1_000_000, maxNodes: 20_000, maxEdges: 100_000, maxDepth: 10_000 },
  capacity: { agents: 100, cpu: 1_000, memory: 2 ** 40 },
};
const PATCH_BOUNDS: RunPatcherOptions = {
  bounds: { maxOperations: 100, maxBytes: 100_000, maxDocumentBytes: 1_000_000 },
  policy: { maxAgents: 5, maxNodes: 100, nodeTypes: new Set() },
  maxRevisions: 100,
};
const NO_AGENTS = { findByName: (): Promise<null> => Promise.resolve(null) };

export function publisherOf({ workflows, registry, clock }: Omit<PatchingParts, 'runs' | 'inspector'>): WorkflowPublisher {
  return new WorkflowPublisher({ workflows, agents: NO_AGENTS, registry, clock }, DEFINITION_BOUNDS);
}

export function patcherOf(parts: PatchingParts, options: Partial<RunPatcherOptions> = {}): RunPatcher {
  const { runs, workflows, inspector, clock } = parts;
  return new RunPatcher({ runs, workflows, inspector, publisher: publisherOf(parts), clock }, { ...PATCH_BOUNDS, ...options });
}
