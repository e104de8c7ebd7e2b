import { decide, lookupIn, PayloadMissing, type Decision, type LoadedPayloads, type RunLimits, type RunState } from '@baton/core';
import type { RunPayloads } from './run-payloads.js';

interface RunDecisionsParts {
  tenantId: string;
  state: RunState;
  payloads: RunPayloads;
  limits: RunLimits;
}

/** The decisions of a run in work. Payloads that its conditions are about are loaded when one asks for them, and let go once it is made. */
export class RunDecisions {
  private loaded: LoadedPayloads = new Map();

  constructor(private readonly parts: RunDecisionsParts) {}

  /** What the run does next, or the payload that is to be loaded first. */
  decide(now: number): Decision | PayloadMissing {
    const { state, limits } = this.parts;
    try {
      if (this.loaded.size === 0) return decide(state.plan, state, now, limits);
      const decision = decide(state.plan, state, now, limits, lookupIn(this.loaded));
      this.loaded = new Map();
      return decision;
    } catch (error) {
      if (error instanceof PayloadMissing) return error;
      throw error;
    }
  }

  /** Loads what a decision has asked for. Null: it is to be made again. */
  async load({ reference }: PayloadMissing): Promise<null> {
    const more = await this.parts.payloads.load(this.parts.tenantId, [reference]);
    this.loaded = new Map([...this.loaded, ...more]);
    return null;
  }
}
