import type { JournalEvent, JsonValue } from '@baton/core';

/** A node as the model knows it. */
export interface ModelNode {
  readonly dependsOn: readonly string[];
  readonly config: JsonValue;
}
export type ModelGraph = ReadonlyMap<string, ModelNode>;

/** A journal, as the model reads it. */
export interface Followed {
  /** The definition at its end. */
  graph: ModelGraph;
  /** The revisions that were taken up or refused. */
  answered: number[];
  /** Those of them that were taken up though something of theirs had started, or refused though nothing had. */
  wrong: number[];
  started: ReadonlySet<string>;
  completed: ReadonlySet<string>;
}

/** What a run is by what was asked of it, in order: all that pause, resume, cancel, patch and fork promise. */
export class ControlModel {
  paused = false;
  cancelled = false;
  readonly story: string[] = [];
  /** What each definition that the run had or may have is, by its digest. */
  readonly graphs = new Map<string, ModelGraph>();

  constructor(
    private readonly digest: string,
    graph: ModelGraph,
  ) {
    this.graphs.set(digest, graph);
  }

  pause(): void {
    if (!this.paused && !this.cancelled) this.story.push('run.paused');
    this.paused = true;
  }

  resume(): void {
    if (this.paused && !this.cancelled) this.story.push('run.resumed');
    this.paused = false;
  }

  cancel(): void {
    this.cancelled = true;
  }

  /** What a journal comes to. */
  follow(journal: readonly JournalEvent[]): Followed {
    let graph = this.graphs.get(this.digest)!;
    const [started, completed] = [new Set<string>(), new Set<string>()];
    const [answered, wrong] = [[] as number[], [] as number[]];
    for (const { type, nodeId, payload } of journal) {
      if (type === 'node.started') started.add(nodeId!);
      if (type === 'node.completed') completed.add(nodeId!);
      if (type !== 'run.patched' && type !== 'run.patch_refused') continue;
      answered.push(payload.revision);
      const next = this.graphs.get(payload.digest)!;
      const mayBe = touched(graph, next, started).length === 0;
      if (mayBe !== (type === 'run.patched')) wrong.push(payload.revision);
      if (type === 'run.patched') graph = next;
    }
    return { graph, answered, wrong, started, completed };
  }
}

/** The nodes that have started, and are not in the other graph as they are in the one. */
export function touched(from: ModelGraph, to: ModelGraph, started: ReadonlySet<string>): string[] {
  return [...from]
    .filter(([id, node]) => started.has(id) && JSON.stringify(node) !== JSON.stringify(to.get(id)))
    .map(([id]) => id);
}

/** The node, and all that depends on it. */
export function descendants(graph: ModelGraph, from: string): Set<string> {
  const found = new Set([from]);
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const [id, { dependsOn }] of graph) if (dependsOn.some((other) => found.has(other))) found.add(id);
  }
  return found;
}
