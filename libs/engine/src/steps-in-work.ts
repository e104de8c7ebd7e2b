import type { OverBudget } from './run-budget.js';

/**
 * The steps of an attempt that are in work. Each is left at once when the attempt is aborted, whatever its work makes of the signal. Where one wants more
 * than the run has left, the attempt is left once its other steps are done, which were paid.
 */
export class StepsInWork {
  /** By key, how it is left: a call costs less than a listener of the signal. */
  private readonly leaving = new Map<string, (reason: Error) => void>();
  /** Of the first step that wants more than the run has left. */
  private wanted: OverBudget | null = null;
  /** Steps that will not end any more: those that want too much, and those that hold them, as an item of a map holds the steps of its body. */
  private heldUp: Set<string> | null = null;

  /** `leaveAttempt` is called, perhaps more than once, while nothing is in work but what is held up. */
  constructor(private readonly leaveAttempt: (error: OverBudget) => void) {}

  get overBudget(): OverBudget | null {
    return this.wanted;
  }

  has(key: string): boolean {
    return this.leaving.has(key);
  }

  /** What comes of a step that is held up is not its result: the time of an item may be up, which only waits to be left. */
  run<T>(key: string, work: () => Promise<T> | T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.leaving.set(key, reject);
      Promise.resolve(work()).then(
        (result) => this.isHeldUp(key) || resolve(result),
        (error: unknown) => this.isHeldUp(key) || reject(error),
      );
    });
  }

  /** The step is journaled, or has failed. */
  end(key: string): void {
    this.leaving.delete(key);
    this.leaveIfHeldUp();
  }

  leaveAll(reason: Error): void {
    for (const leave of this.leaving.values()) leave(reason);
  }

  /** The step wants more than the run has left. */
  holdUp(key: string, error: OverBudget): void {
    this.wanted ??= error;
    this.heldUp ??= new Set();
    for (let end = key.length; end > 0; end = key.lastIndexOf('/', end - 1)) this.heldUp.add(key.slice(0, end));
    this.leaveIfHeldUp();
  }

  private isHeldUp(key: string): boolean {
    return this.heldUp !== null && this.heldUp.has(key);
  }

  /** The handler takes the results of its steps first: it may begin others, or have enough. */
  private leaveIfHeldUp(): void {
    const { wanted } = this;
    if (wanted === null) return;
    setImmediate(() => {
      for (const key of this.leaving.keys()) if (!this.isHeldUp(key)) return;
      this.leaveAttempt(wanted);
    });
  }
}
