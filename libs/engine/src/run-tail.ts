import type { JournalEvent } from '@baton/core';

/** The end of a run's journal as all its followers in this process see it: what one has read, the others at the same place need not read. */
export class RunTail {
  /** How many followers it has. */
  followers = 0;
  /** The last events read, without a gap, at most `pageSize`. */
  private recent: JournalEvent[] = [];
  /** Nothing stood after this seq when it was last read, and nothing was heard since. */
  private endsAt = Infinity;
  private heardTimes = 0;
  private readonly reading = new Map<number, { since: number; page: Promise<JournalEvent[]> }>();
  private readonly waiting = new Set<() => void>();

  /** @param readPage reads events after a seq, in order, at most `pageSize` */
  constructor(
    private readonly readPage: (afterSeq: number) => Promise<JournalEvent[]>,
    private readonly pageSize: number,
  ) {}

  /** How often it was heard. Take it before reading: {@link untilHeard} then misses nothing that is committed in between. */
  get heard(): number {
    return this.heardTimes;
  }

  /** Whether a journal that has reached `seq` holds nothing that was not read here. */
  knows(seq: number): boolean {
    return this.endsAt !== Infinity && seq <= this.endsAt;
  }

  /** The journal may have grown: those who wait look again. */
  hear(): void {
    this.heardTimes += 1;
    this.endsAt = Infinity;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Resolves once it is heard, at once if it was heard since, and when `signal` aborts. */
  async untilHeard(since: number, signal: AbortSignal): Promise<void> {
    if (this.heardTimes !== since || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    this.waiting.delete(wake);
    signal.removeEventListener('abort', wake);
  }

  /** A page of the events after `seq`; empty: none were committed when it was last heard. Not to be changed: others get the same. */
  async read(seq: number): Promise<JournalEvent[]> {
    if (seq >= this.endsAt) return [];
    const first = this.recent[0]?.seq ?? Infinity;
    if (seq >= first - 1 && seq < this.tip) return this.recent.slice(seq + 1 - first);
    const shared = this.reading.get(seq);
    return shared?.since === this.heardTimes ? shared.page : this.readShared(seq);
  }

  private get tip(): number {
    return this.recent.at(-1)?.seq ?? 0;
  }

  private readShared(seq: number): Promise<JournalEvent[]> {
    const reading = { since: this.heardTimes, page: this.readPage(seq) };
    this.reading.set(seq, reading);
    const forget = (): void => {
      if (this.reading.get(seq) === reading) this.reading.delete(seq);
    };
    reading.page = reading.page.finally(forget).then((page) => {
      this.remember(page);
      if (page.length < this.pageSize && reading.since === this.heardTimes)
        this.endsAt = Math.min(this.endsAt, page.at(-1)?.seq ?? seq);
      return page;
    });
    return reading.page;
  }

  /** A page that goes on beyond what is known: of one who is late, nothing is kept. */
  private remember(page: JournalEvent[]): void {
    const { tip } = this;
    if (page.length === 0 || page.at(-1)!.seq <= tip) return;
    const fresh = page.filter(({ seq }) => seq > tip);
    this.recent = fresh[0]!.seq === tip + 1 ? [...this.recent, ...fresh].slice(-this.pageSize) : page;
  }
}
