import type { Provider } from '@nestjs/common';
import {
  AgentStore,
  Clock,
  PatternStore,
  RunStore,
  WorkerRegistry,
  WorkflowStore,
  type Capacity,
  type DefinitionLimits,
} from '@baton/core';
import { NodeMeasurer, PatternCatalog, RunStarter, WorkflowExecutor, WorkflowPublisher } from '@baton/engine';
import { shippedPatterns } from '@baton/agents';
import { configProblems } from '@baton/nodes';
import type { Config } from '../config.js';
import type { PlatformOptions } from '../platform-options.js';

/** Runs by which the durations of nodes are estimated, events of them that are read, and for how long that holds. */
const MEASURED = { runs: 20, events: 10_000, freshMs: 60_000 };

/** What publishes definitions, and starts what was published. */
export function workflowProviders({ config }: PlatformOptions): Provider[] {
  return [
    {
      provide: WorkflowPublisher,
      useFactory: (
        workflows: WorkflowStore,
        agents: AgentStore,
        registry: WorkerRegistry,
        clock: Clock,
        runs: RunStore,
        patterns: PatternCatalog,
      ) => {
        const times = new NodeMeasurer({ runs, workflows, clock }, MEASURED);
        const parts = { workflows, agents, registry, clock, times, patterns, checkConfig: configProblems };
        return new WorkflowPublisher(parts, definitionBounds(config));
      },
      inject: [WorkflowStore, AgentStore, WorkerRegistry, Clock, RunStore, PatternCatalog],
    },
    {
      provide: PatternCatalog,
      useFactory: (patterns: PatternStore, clock: Clock) => new PatternCatalog({ patterns, clock }, shippedPatterns()),
      inject: [PatternStore, Clock],
    },
    {
      provide: WorkflowExecutor,
      useFactory: (workflows: WorkflowStore, starter: RunStarter, clock: Clock) =>
        new WorkflowExecutor({ workflows, starter, clock }, { capacity: definitionBounds(config).capacity }),
      inject: [WorkflowStore, RunStarter, Clock],
    },
  ];
}

function definitionBounds(config: Config): { limits: DefinitionLimits; capacity: Capacity } {
  return {
    limits: {
      maxBytes: config.workflowMaxBytes,
      maxYamlBytes: config.workflowMaxYamlBytes,
      maxNodes: config.workflowMaxNodes,
      maxEdges: config.workflowMaxEdges,
      maxDepth: config.workflowMaxDepth,
    },
    capacity: { agents: config.capacityAgents, cpu: config.capacityCpu, memory: config.capacityMemoryBytes },
  };
}
