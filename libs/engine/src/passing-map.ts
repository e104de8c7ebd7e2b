/**
 * A map that many short-lived entries pass through. V8 links each outgrown table of a `Map` to the next one: what has passed through any of them would
 * live until the next full collection, and be copied there on the way. Here tables hold cells, which are emptied when their entries leave.
 */
export class PassingMap<K, V extends object> {
  private readonly cells = new Map<K, { value: V | null }>();

  get(key: K): V | undefined {
    return this.cells.get(key)?.value ?? undefined;
  }

  set(key: K, value: V): void {
    this.delete(key);
    this.cells.set(key, { value });
  }

  delete(key: K): void {
    const cell = this.cells.get(key);
    if (cell === undefined) return;
    cell.value = null;
    this.cells.delete(key);
  }

  has(key: K): boolean {
    return this.cells.has(key);
  }

  keys(): IterableIterator<K> {
    return this.cells.keys();
  }

  /** As they are now: entries may leave meanwhile. */
  values(): V[] {
    return [...this.cells.values()].flatMap(({ value }) => value ?? []);
  }
}
