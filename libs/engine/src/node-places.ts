/**
 * The places for nodes in work of one worker, shared by all its runs. A free place is given to whoever asks; where there is none, runs stand in
 * line, each once, and a place that becomes free is kept for the first: so a run with a thousand nodes to start takes turns with a run that
 * has one.
 */
export class NodePlaces {
  private given = 0;
  private readonly line = new Set<RunNodePlaces>();

  /** @param capacity nodes in work at once, 1 or more */
  constructor(readonly capacity: number) {}

  /** Places that nodes have, or that are kept for runs that are told so. */
  get taken(): number {
    return this.given;
  }

  /** The part of one run. `tell` is called, at once, when a place is kept for it: it is to ask again. */
  openFor(tell: () => void): RunNodePlaces {
    return new RunNodePlaces(
      {
        grab: (wanted) => this.grab(wanted),
        giveBack: (count) => this.giveBack(count),
        // Who asks again keeps where it stands.
        standInLine: (run) => void this.line.add(run),
        leaveLine: (run) => void this.line.delete(run),
      },
      tell,
    );
  }

  /** What is free now: nothing while somebody stands in line, who would have got it. */
  private grab(wanted: number): number {
    const granted = Math.min(wanted, this.capacity - this.given);
    this.given += granted;
    return granted;
  }

  private giveBack(count: number): void {
    this.given -= count;
    for (const first of this.line) {
      if (this.given >= this.capacity) return;
      this.line.delete(first);
      this.given += 1;
      first.keepOne();
    }
  }
}

interface Book {
  grab(wanted: number): number;
  giveBack(count: number): void;
  standInLine(run: RunNodePlaces): void;
  leaveLine(run: RunNodePlaces): void;
}

/** The places of one run: those of its nodes in work, and those that are kept for nodes that it is about to start. */
export class RunNodePlaces {
  private held = 0;
  private kept = 0;
  private isClosed = false;

  constructor(
    private readonly book: Book,
    private readonly tell: () => void,
  ) {}

  /**
   * How many of so many nodes may start now; each place is to be {@link release}d. For the others the run stands in line, and is told. Who wants
   * fewer than are kept for it, or none, gives the rest back to the line.
   */
  take(wanted: number): number {
    if (this.isClosed) return 0;
    const spare = Math.max(0, this.kept - wanted);
    const granted = this.kept - spare + this.book.grab(Math.max(0, wanted - this.kept));
    this.kept = 0;
    this.held += granted;
    if (granted < wanted) this.book.standInLine(this);
    else this.book.leaveLine(this);
    if (spare > 0) this.book.giveBack(spare);
    return granted;
  }

  /** A node is not in work any more. */
  release(): void {
    if (this.isClosed) return;
    this.held -= 1;
    this.book.giveBack(1);
  }

  /** The run is let go of, or has ended: what it has goes to the line. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.book.leaveLine(this);
    this.book.giveBack(this.held + this.kept);
  }

  /** Called by the book, with a place for it. */
  keepOne(): void {
    this.kept += 1;
    this.tell();
  }
}
