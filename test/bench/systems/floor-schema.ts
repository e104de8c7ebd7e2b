/** The floor: what the machine allows. A journal on MariaDB and a list in Redis, without any of Baton's promises. */
export const FLOOR_TABLES = [
  `CREATE TABLE IF NOT EXISTS run (
    id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY, steps INT NOT NULL, status VARCHAR(16) NOT NULL, input TEXT NOT NULL
  ) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS journal (
    run_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin, seq INT, type VARCHAR(32) NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (run_id, seq)
  ) ENGINE=InnoDB`,
];

export const QUEUE_KEY = 'floor:queue';
export const ENDED_CHANNEL = 'floor:ended';

/** Group commit without a timer: what piles up during one commit goes into the next. */
export class CommitGroup<T> {
  private waiting: { item: T; resolve: () => void; reject: (error: unknown) => void }[] = [];
  private committing = false;

  constructor(private readonly commit: (items: T[]) => Promise<void>) {}

  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.committing) {
        this.committing = true;
        setImmediate(() => void this.drain());
      }
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.waiting;
      this.waiting = [];
      try {
        await this.commit(group.map(({ item }) => item));
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.committing = false;
  }
}
