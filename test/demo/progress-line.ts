const WIDTH = 40;
/** Where nobody watches a terminal, a line is written this often. */
const PLAIN_EVERY_MS = 1_000;

/** A bar that grows in place on a terminal, and lines elsewhere. */
export class ProgressLine {
  private readonly startedAt = performance.now();
  private shownAt = -Infinity;
  private bar = '';

  constructor(
    private readonly total: number,
    private readonly out: NodeJS.WriteStream = process.stdout,
  ) {}

  show(count: number, what: string): void {
    const filled = Math.round((WIDTH * Math.min(count, this.total)) / this.total);
    this.bar = `${this.seconds} [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${count} of ${this.total} ${what}`;
    if (this.out.isTTY) this.out.write(`\r${this.bar}\u001b[K`);
    else if (performance.now() - this.shownAt >= PLAIN_EVERY_MS) this.writePlain();
  }

  /** A line of its own, above the bar. */
  say(sentence: string): void {
    if (this.out.isTTY) this.out.write(`\r${this.seconds} ${sentence}\u001b[K\n`);
    else this.out.write(`${this.seconds} ${sentence}\n`);
  }

  private get seconds(): string {
    return `${((performance.now() - this.startedAt) / 1_000).toFixed(1).padStart(5)} s`;
  }

  private writePlain(): void {
    this.shownAt = performance.now();
    this.out.write(`${this.bar}\n`);
  }
}
