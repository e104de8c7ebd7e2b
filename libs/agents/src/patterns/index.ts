import type { Pattern } from '@baton/core';
import { HandoffPattern } from './handoff.js';
import { HierarchicalPattern } from './hierarchical.js';
import { NetworkPattern } from './network.js';
import { SupervisorPattern } from './supervisor.js';
import { SwarmPattern } from './swarm.js';

/** The patterns that Baton ships. */
export function shippedPatterns(): Pattern[] {
  return [new SupervisorPattern(), new HierarchicalPattern(), new HandoffPattern(), new SwarmPattern(), new NetworkPattern()];
}
