import type { JsonValue } from '@baton/core';
import type { Chance, NodeSketch } from '../support/in-memory/index.js';

/** A branch of a condition, as the journal's output of the condition must explain it. */
export interface Branch {
  node: string;
  /** The node whose output decides. */
  by: string;
  /** The node that takes the branch or not; without it, the node's own condition does. */
  chooser?: string;
  /** Whether it runs, by what the deciding node gave. */
  taken(output: JsonValue): boolean;
}

/** What a workflow says besides its nodes. */
export interface SimSettings {
  timeout?: number;
  limits?: { active_runs: number; on_limit: 'reject' | 'queue' | 'cancel_oldest' };
  circuit_breaker?: { failure_threshold: number; timeout: number };
}

/** A workflow drawn by chance, and what is known of it beforehand. */
export interface SimGraph {
  readonly name: string;
  readonly nodes: Readonly<Record<string, NodeSketch>>;
  /** The kind that drew each node. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly concurrency: number;
  readonly settings: SimSettings;
  readonly input: JsonValue;
  readonly branches: readonly Branch[];
  /** Events that its nodes wait for. */
  readonly events: readonly string[];
  /** What comes of it depends on who is faster: it has no reference. */
  readonly racy: boolean;
  /** The workflows of its child runs. */
  readonly children: readonly SimGraph[];
}

/** A graph on its way: kinds of nodes add to it. */
export class GraphDraft {
  readonly nodes: Record<string, NodeSketch> = {};
  readonly kinds: Record<string, string> = {};
  readonly branches: Branch[] = [];
  readonly events: string[] = [];
  racy = false;
  readonly settings: SimSettings = {};
  hasChildren = false;
  /** A node whose failure ends the run is there: a second one would make a race of which is first. */
  fatal = false;
  private readonly numbered: string[] = [];
  private lastId = 0;

  constructor(
    readonly chance: Chance,
    readonly name = 'graph',
    /** The workflow of its child runs, one that always ends well. */
    private readonly child = 'child',
  ) {}

  newId(): string {
    this.lastId += 1;
    return `n${this.lastId}`;
  }

  add(kind: string, sketch: NodeSketch, settings: { id?: string; after?: string[] } = {}): string {
    const { id = this.newId(), after = this.someNodes() } = settings;
    this.nodes[id] = { ...(after.length > 0 && { depends_on: after }), ...sketch };
    this.kinds[id] = kind;
    return id;
  }

  /** Says that the output of a node has a number `n`, if the node is not skipped. */
  givesNumber(id: string): string {
    this.numbered.push(id);
    return id;
  }

  /** The workflow of a child run. */
  childWorkflow(name = this.child): string {
    this.hasChildren = true;
    return name;
  }

  /** Up to three nodes that are there, rather the last ones. */
  someNodes(): string[] {
    const there = Object.keys(this.nodes);
    const count = this.chance.pick([0, 1, 1, 1, 2, 2, 3]);
    const chosen = new Set<string>();
    for (let n = 0; n < count && there.length > 0; n += 1) {
      const back = Math.floor(this.chance.next() ** 2 * Math.min(there.length, 12));
      chosen.add(there[there.length - 1 - back]!);
    }
    return [...chosen];
  }

  /** A node whose output has a number. */
  aNumberedNode(): string {
    if (this.numbered.length === 0) return this.givesNumber(this.add('work', { config: { ms: 10 } }));
    return this.chance.pick(this.numbered.slice(-6));
  }

  finish(concurrency: number, input: JsonValue, children: readonly SimGraph[] = []): SimGraph {
    const { name, nodes, kinds, branches, events, settings } = this;
    const racy = this.racy || children.some((child) => child.racy);
    return { name, nodes, kinds, branches, events, settings, racy, concurrency, input, children };
  }
}
