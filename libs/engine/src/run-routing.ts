import { nodeEvent, type Clock, type NodeHandler, type NodeStart, type PlanCompensation, type RunState } from '@baton/core';
import { hasTypes, lackingTypes, neededTypes } from './lacking-types.js';
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

export interface RoutedStarts {
  readonly local: readonly NodeStart[];
  readonly pooled: readonly { readonly start: NodeStart; readonly pool: string }[];
  /** Types of nodes that are left to other workers. */
  readonly foreign: ReadonlySet<string>;
}

const NONE_POOLED: RoutedStarts['pooled'] = [];
const NONE_FOREIGN: ReadonlySet<string> = new Set();

/**
 * Where the nodes of a run are executed: here, in a pool, or by other workers, which have a type that this one lacks: once it has nothing else
 * to do, the run belongs there. A type that only workers of a pool have goes to their pool; one that nobody has is skipped here.
 */
export class RunRouting {
  constructor(private readonly parts: RunRoutingParts) {}

  /** At once where all is executed here: nearly always. */
  route(starts: readonly NodeStart[]): RoutedStarts | Promise<RoutedStarts> {
    const isLocal = starts.every((start) => this.isLocal(start));
    return isLocal ? { local: starts, pooled: NONE_POOLED, foreign: NONE_FOREIGN } : this.routeEach(starts);
  }

  private isLocal({ index }: NodeStart): boolean {
    const { state, handlers, pools } = this.parts;
    const node = state.plan.nodes[index]!;
    return pools.poolOf(node) === null && hasTypes(handlers, node);
  }

  private async routeEach(starts: readonly NodeStart[]): Promise<RoutedStarts> {
    const { state, handlers, pools, poolWith } = this.parts;
    const local: NodeStart[] = [];
    const pooled: { start: NodeStart; pool: string }[] = [];
    const foreign = new Set<string>();
    for (const start of starts) {
      const node = state.plan.nodes[start.index]!;
      let pool = pools.poolOf(node);
      if (pool === null && !hasTypes(handlers, node)) {
        const types = await this.foreignTypes(node);
        if (types !== null) {
          foreign.add(types);
          continue;
        }
        pool = await poolWith(neededTypes(handlers, node));
      }
      if (pool === null) local.push(start);
      else pooled.push({ start, pool });
    }
    return { local, pooled, foreign };
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
    if (hasTypes(handlers, node)) {
      outbox.record(nodeEvent('node.started', subject, at, {}));
      return;
    }
    const reason = `no worker runs nodes of type ${listed(lackingTypes(handlers, node))}`;
    outbox.record(nodeEvent('node.skipped', subject, at, { reason }));
  }
}

/** Why a run is handed back whose next nodes have these types. */
export function elsewhere(types: Iterable<string>): string {
  return `another worker runs nodes of type ${listed(types)}`;
}

function listed(types: Iterable<string>): string {
  return [...new Set(types)].join(', ');
}
