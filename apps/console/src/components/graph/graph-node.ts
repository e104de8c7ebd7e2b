/** One node as a graph shows it. */
export interface GraphNode {
  readonly id: string;
  readonly title: string;
  /** Its type, in small print. */
  readonly kind: string;
  /** Absent: the graph is a plan, not a run. */
  readonly status?: string;
  /** The nodes that it depends on. */
  readonly after: readonly string[];
  readonly attempts?: number;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly endedAt?: number;
}

/** Of all cards, in pixels: the layout needs to know it before anything is drawn. */
export const CARD = { width: 208, height: 56 } as const;
