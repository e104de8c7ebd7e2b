const MAX_KEYS = 10_000;

/** What the mock was asked, as `GET /__calls` tells it. */
export interface CallCounts {
  total: number;
  /** Answered with an error. */
  failed: number;
  /** Left by the client before the answer was complete. */
  aborted: number;
  /** TCP connections that carried calls. */
  connections: number;
  by_path: Record<string, number>;
  /** How often each `Idempotency-Key` came. */
  idempotency_keys: Record<string, number>;
}

/** Counts calls; it keeps nothing of what they said, and no key of the API. */
export class CallLog {
  private total = 0;
  private failed = 0;
  private aborted = 0;
  private connections = new WeakSet<object>();
  private connectionCount = 0;
  private readonly paths = new Map<string, number>();
  private readonly keys = new Map<string, number>();

  /** The number of the call, from 1. */
  add(path: string, connection: object, idempotencyKey: string | undefined): number {
    if (!this.connections.has(connection)) this.connectionCount += 1;
    this.connections.add(connection);
    raise(this.paths, path);
    if (idempotencyKey !== undefined && (this.keys.has(idempotencyKey) || this.keys.size < MAX_KEYS))
      raise(this.keys, idempotencyKey);
    return (this.total += 1);
  }

  addFailure(): void {
    this.failed += 1;
  }

  addAbort(): void {
    this.aborted += 1;
  }

  clear(): void {
    this.total = this.failed = this.aborted = this.connectionCount = 0;
    this.connections = new WeakSet();
    this.paths.clear();
    this.keys.clear();
  }

  counts(): CallCounts {
    return {
      total: this.total,
      failed: this.failed,
      aborted: this.aborted,
      connections: this.connectionCount,
      by_path: Object.fromEntries(this.paths),
      idempotency_keys: Object.fromEntries(this.keys),
    };
  }
}

function raise(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
