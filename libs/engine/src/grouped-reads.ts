interface Group<T> {
  readonly ids: Set<string>;
  readonly found: Promise<ReadonlyMap<string, T>>;
}

/** Groups reads: what is asked for while a read is in flight shares the next one, or of a crowd the next ones. Every answer was read after its question. */
export class GroupedReads<T> {
  private waiting: Group<T> | null = null;
  private inFlight: Promise<unknown> = Promise.resolve();

  /**
   * @param readAll reads many at once, each under the id it was asked by
   * @param atMost how many at once
   */
  constructor(
    private readonly readAll: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>,
    private readonly atMost = 1_000,
  ) {}

  /** Undefined where nothing was found. */
  async read(id: string): Promise<T | undefined> {
    if (this.waiting === null || this.waiting.ids.size >= this.atMost) this.waiting = this.openGroup();
    this.waiting.ids.add(id);
    return (await this.waiting.found).get(id);
  }

  private openGroup(): Group<T> {
    const ids = new Set<string>();
    const found = this.inFlight.then(() => {
      if (this.waiting?.ids === ids) this.waiting = null;
      return this.readAll([...ids]);
    });
    this.inFlight = found.catch(() => undefined);
    return { ids, found };
  }
}
