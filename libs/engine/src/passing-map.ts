/**
 * A map that many short-lived entries pass through. V8 links each outgrown table of a `Map` to the next one: what has passed through any of them would
 * live until the next full collection, and be copied there on the way. Here tables hold cells, which are emptied when their entries leave.
 */
export class PassingMap<K, V extends object> {
  private readonly cells = new Map<K, { value: V | null }>();

  get size(): number {
    return this.cells.size;
  }

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

  keys(): IterableIterator<K> {
    return this.cells.keys();
  }

  /** As they are now: entries may come and leave meanwhile. */
  entries(): [K, V][] {
    return Array.from(this.cells, ([key, { value }]) => [key, value!]);
  }
}
