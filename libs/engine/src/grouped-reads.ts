interface Group<T> {
  readonly ids: Set<string>;
  readonly found: Promise<ReadonlyMap<string, T>>;
}

/** Groups reads: what is asked for while a read is in flight shares the next one. Every answer was read after its question. */
export class GroupedReads<T> {
  private waiting: Group<T> | null = null;
  private inFlight: Promise<unknown> = Promise.resolve();

  /** @param readAll reads many at once, each under the id it was asked by */
  constructor(private readonly readAll: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>) {}

  /** Undefined where nothing was found. */
  async read(id: string): Promise<T | undefined> {
    this.waiting ??= this.openGroup();
    this.waiting.ids.add(id);
    return (await this.waiting.found).get(id);
  }

  private openGroup(): Group<T> {
    const ids = new Set<string>();
    const found = this.inFlight.then(() => {
      this.waiting = null;
      return this.readAll([...ids]);
    });
    this.inFlight = found.catch(() => undefined);
    return { ids, found };
  }
}
