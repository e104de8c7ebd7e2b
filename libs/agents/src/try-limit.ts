/** What a try waits for. */
export interface Abortable {
  abort(reason: unknown): void;
}

/**
 * The bound on one try of a call: the try ends with its call, or when its time is up. It tells that to one alone, without a signal of its own, which would be
 * much of what a call keeps while it waits for its model.
 */
export class TryLimit {
  /** The time is up. */
  isOver = false;
  private awaited: Abortable | null = null;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly call: AbortSignal,
    ms: number,
  ) {
    this.timer = setTimeout(() => {
      this.isOver = true;
      this.abort();
    }, ms);
    call.addEventListener('abort', this, { once: true });
  }

  /** From now on, and at once where the try is to end already. */
  bound(awaited: Abortable): void {
    this.awaited = awaited;
    if (this.isOver || this.call.aborted) this.abort();
  }

  /** For what takes a signal alone. */
  toSignal(): AbortSignal {
    const controller = new AbortController();
    this.bound(controller);
    return controller.signal;
  }

  /** Nothing is waited for any more. */
  end(): void {
    clearTimeout(this.timer);
    this.call.removeEventListener('abort', this);
  }

  /** The call has been aborted. */
  handleEvent(): void {
    this.abort();
  }

  private abort(): void {
    this.awaited?.abort(this.call.aborted ? this.call.reason : new DOMException('The time of a try is up', 'TimeoutError'));
  }
}
