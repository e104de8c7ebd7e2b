import { nodeEvent, type Clock, type NodeHandler, type NodeStart, type PlanCompensation, type RunState } from '@baton/core';
import { lackingTypes, neededTypes } from './lacking-types.js';
import type { PoolRouting } from './pool-routing.js';
import type { RunOutbox } from './run-outbox.js';

interface RunRoutingParts {
  state: RunState;
  outbox: RunOutbox;
  handlers: ReadonlyMap<string, NodeHandler>;
  pools: PoolRouting;
  announcedElsewhere(types: readonly string[]): Promise<boolean>;
  poolWith(types: readonly string[]): Promise<string | null>;
  clock: Clock;
}

interface RoutedStarts {
  local: NodeStart[];
  pooled: { start: NodeStart; pool: string }[];
  /** Types of nodes that are left to other workers. */
  foreign: Set<string>;
}

/**
 * Where the nodes of a run are executed: here, in a pool, or by other workers, which have a type that this one lacks: once it has nothing else
 * to do, the run belongs there. A type that only workers of a pool have goes to their pool; one that nobody has is skipped here.
 */
export class RunRouting {
  constructor(private readonly parts: RunRoutingParts) {}

  async route(starts: readonly NodeStart[]): Promise<RoutedStarts> {
    const { state, handlers, pools, poolWith } = this.parts;
    const routed: RoutedStarts = { local: [], pooled: [], foreign: new Set() };
    for (const start of starts) {
      const node = state.plan.nodes[start.index]!;
      let pool = pools.poolOf(node);
      if (pool === null && lackingTypes(handlers, node).length > 0) {
        const foreign = await this.foreignTypes(node);
        if (foreign !== null) {
          routed.foreign.add(foreign);
          continue;
        }
        pool = await poolWith(neededTypes(handlers, node));
      }
      if (pool === null) routed.local.push(start);
      else routed.pooled.push({ start, pool });
    }
    return routed;
  }

  /** What of the types that the work needs is lacking here, if another worker has them all; else null. */
  async foreignTypes(work: PlanCompensation): Promise<string | null> {
    const { handlers, announcedElsewhere } = this.parts;
    const lacking = lackingTypes(handlers, work);
    if (lacking.length === 0) return null;
    return (await announcedElsewhere(neededTypes(handlers, work))) ? listed(lacking) : null;
  }

  /** Journals that a node starts here, or is skipped. */
  recordStart(start: NodeStart): void {
    const { state, outbox, handlers, clock } = this.parts;
    const node = state.plan.nodes[start.index]!;
    const at = clock.now();
    const subject = { id: node.id, visit: start.visit, attempt: start.attempt };
    const lacking = lackingTypes(handlers, node);
    if (lacking.length === 0) outbox.record(nodeEvent('node.started', subject, at, {}));
    else outbox.record(nodeEvent('node.skipped', subject, at, { reason: `no worker runs nodes of type ${listed(lacking)}` }));
  }
}

/** Why a run is handed back whose next nodes have these types. */
export function elsewhere(types: Iterable<string>): string {
  return `another worker runs nodes of type ${listed(types)}`;
}

function listed(types: Iterable<string>): string {
  return [...new Set(types)].join(', ');
}
