/** The last members added: `size` of them at least, twice as many at most. Older ones are forgotten together, which costs less than one by one. */
export class RecentSet<T> {
  private young = new Set<T>();
  private old = new Set<T>();

  constructor(private readonly size: number) {}

  add(member: T): void {
    this.young.add(member);
    if (this.young.size < this.size) return;
    this.old = this.young;
    this.young = new Set();
  }

  has(member: T): boolean {
    return this.young.has(member) || this.old.has(member);
  }
}
