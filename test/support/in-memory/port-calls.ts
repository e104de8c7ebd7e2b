/** What happens to a call besides its work: `before` keeps the work from being done when it throws, `after` loses the reply. Both may wait. */
export interface Fault {
  before?: (operation: string) => void | Promise<void>;
  after?: (operation: string) => void | Promise<void>;
}

/** The calls that one process makes to a port: counted, and, where a test says so, delayed, refused, or answered into the void. */
export class PortCalls {
  readonly log: { operation: string; request: unknown }[] = [];
  private readonly once = new Map<string, Fault[]>();
  private readonly always = new Map<string, Fault>();
  private usual: Fault | null = null;
  private dead = false;

  /** The next call of the operation meets this fault; several wait in line. */
  next(operation: string, fault: Fault): void {
    this.once.set(operation, [...(this.once.get(operation) ?? []), fault]);
  }

  /** Every call of the operation meets this fault, until it is taken away with null. */
  every(operation: string, fault: Fault | null): void {
    if (fault === null) this.always.delete(operation);
    else this.always.set(operation, fault);
  }

  /** Every call of any operation meets this fault, where it meets no other. */
  all(fault: Fault): void {
    this.usual = fault;
  }

  /** The next call waits until the returned function is called. */
  hold(operation: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.next(operation, { before: () => promise });
    return resolve;
  }

  /** The process is gone: what it asks is not done, and what was asked is not answered. */
  die(): void {
    this.dead = true;
  }

  requests<T>(operation: string): T[] {
    return this.log.filter((call) => call.operation === operation).map((call) => call.request as T);
  }

  async make<T>(operation: string, request: unknown, work: () => T | Promise<T>): Promise<T> {
    if (this.dead) return never();
    this.log.push({ operation, request });
    const fault = this.once.get(operation)?.shift() ?? this.always.get(operation) ?? this.usual;
    await fault?.before?.(operation);
    if (this.dead) return never();
    const result = await work();
    await fault?.after?.(operation);
    return this.dead ? never() : result;
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

/** A fault that always throws this, before the work. */
export function refuse(error: Error): Fault {
  return {
    before: () => {
      throw error;
    },
  };
}

/** A fault that does the work and then throws this: the reply is lost. */
export function loseReply(error: Error): Fault {
  return {
    after: () => {
      throw error;
    },
  };
}
