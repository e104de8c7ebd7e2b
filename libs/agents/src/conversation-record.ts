import { addUsage, NO_USAGE, type Usage } from '@baton/core';
import type { Passage } from './passage.js';

/** What is kept of an agent's conversation: what it has used, its delegates included, and the passages that its answer can cite. */
export class ConversationRecord {
  usage: Usage = NO_USAGE;
  private readonly found: Passage[];

  /** `passages`: those that the agent is given with its question. */
  constructor(passages: readonly Passage[] = []) {
    this.found = [...passages];
  }

  get passages(): readonly Passage[] {
    return this.found;
  }

  /** Gives passages that a tool has found their numbers in this conversation: those after the highest so far. */
  add(passages: readonly Passage[]): Passage[] {
    const highest = this.found.reduce((most, { n }) => Math.max(most, n), 0);
    const numbered = passages.map((passage, index) => ({ ...passage, n: highest + 1 + index }));
    this.found.push(...numbered);
    return numbered;
  }

  spend(usage: Usage): void {
    this.usage = addUsage(this.usage, usage);
  }
}
