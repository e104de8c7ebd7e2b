import { CheckpointStore, type Checkpoint } from '@baton/core';
import type { Database } from './database.js';

const COLUMNS = ['tenant_id', 'state', 'created_at', 'seq'] as const;

/** {@link CheckpointStore} on MySQL, MariaDB and SQLite: one row a run. */
export class SqlCheckpointStore extends CheckpointStore {
  constructor(private readonly database: Database) {
    super();
  }

  async keep({ runId, tenantId, seq, state, createdAt }: Checkpoint): Promise<void> {
    await this.database.write({
      sql: `INSERT INTO checkpoints (run_id, ${COLUMNS.join(', ')}) VALUES (?, ?, ?, ?, ?) ${this.unlessLater()}`,
      values: [runId, tenantId, Buffer.from(state), createdAt, seq],
    });
  }

  async find(runId: string): Promise<Checkpoint | null> {
    const rows = await this.database.read<Checkpoint>(
      `SELECT run_id AS runId, tenant_id AS tenantId, seq, state, created_at AS createdAt FROM checkpoints WHERE run_id = ?`,
      [runId],
    );
    return rows[0] ?? null;
  }

  async remove(runIds: readonly string[]): Promise<number> {
    if (runIds.length === 0) return 0;
    const marks = runIds.map(() => '?').join(', ');
    return await this.database.write({ sql: `DELETE FROM checkpoints WHERE run_id IN (${marks})`, values: [...runIds] });
  }

  async removeEnded({
    after,
    limit,
  }: {
    after: string | null;
    limit: number;
  }): Promise<{ removed: number; next: string | null }> {
    const page = await this.database.read<{ runId: string; isOver: number }>(
      `SELECT checkpoints.run_id AS runId, (runs.id IS NULL OR runs.status IN ('completed', 'failed', 'cancelled')) AS isOver
       FROM checkpoints LEFT JOIN runs ON runs.id = checkpoints.run_id
       WHERE checkpoints.run_id > ? ORDER BY checkpoints.run_id LIMIT ?`,
      [after ?? '', limit],
    );
    const removed = await this.remove(page.filter(({ isOver }) => isOver === 1).map(({ runId }) => runId));
    return { removed, next: page.length < limit ? null : page.at(-1)!.runId };
  }

  /** MySQL assigns from left to right: `seq`, which the others are compared by, comes last. */
  private unlessLater(): string {
    if (this.database.dialect === 'sqlite') {
      const sets = COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ');
      return `ON CONFLICT (run_id) DO UPDATE SET ${sets} WHERE excluded.seq > checkpoints.seq`;
    }
    const sets = COLUMNS.map((column) => `${column} = IF(VALUES(seq) > seq, VALUES(${column}), ${column})`);
    return `ON DUPLICATE KEY UPDATE ${sets.join(', ')}`;
  }
}
