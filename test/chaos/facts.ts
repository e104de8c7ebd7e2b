import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { SeenEvent } from '../support/journal-checks.js';

export interface RunFact {
  id: string;
  taskId: string | null;
  /** The run that waits for it, the node there, and its place among that node's children. */
  parentId: string | null;
  parentNode: string | null;
  parentIndex: number | null;
  workflow: string;
  status: string;
  seq: number;
  epoch: number;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
}

export type EventFact = SeenEvent & { at: number; attempt: number; payload: string };

/** What SQL says, asked behind Baton's back. */
export class Facts {
  private constructor(private readonly connection: Connection) {}

  static async open(databaseUrl: string): Promise<Facts> {
    return new Facts(await createConnection({ uri: databaseUrl, supportBigNumbers: true }));
  }

  async countOpenRuns(): Promise<number> {
    const [rows] = await this.connection.query<RowDataPacket[]>('SELECT COUNT(*) AS n FROM runs WHERE finished_at IS NULL');
    return Number(rows[0]!['n']);
  }

  /** The runs that the worker with this pid holds. */
  async readHeld(pid: number): Promise<string[]> {
    const [rows] = await this.connection.query<RowDataPacket[]>(
      `SELECT runs.id FROM runs JOIN workers ON workers.id = runs.worker_id WHERE workers.pid = ? AND finished_at IS NULL`,
      [pid],
    );
    return rows.map(({ id }) => String(id));
  }

  /** When each of the runs was first claimed since an instant; left out: those that had ended by themselves. Null: not all have been yet. */
  async readMoves(runIds: readonly string[], since: number): Promise<number[] | null> {
    const [rows] = await this.connection.query<RowDataPacket[]>(
      `SELECT finished_at AS finishedAt,
         (SELECT MIN(at) FROM journal WHERE run_id = runs.id AND type = 'run.claimed' AND at >= ?) AS claimedAt
       FROM runs WHERE id IN (?)`,
      [since, runIds],
    );
    const moves = rows as unknown as { finishedAt: number | null; claimedAt: number | null }[];
    if (moves.some(({ finishedAt, claimedAt }) => finishedAt === null && claimedAt === null)) return null;
    return moves.flatMap(({ claimedAt }) => (claimedAt === null ? [] : [claimedAt]));
  }

  async readRuns(): Promise<RunFact[]> {
    const [rows] = await this.connection.query<RowDataPacket[]>(
      `SELECT id, task_id AS taskId, parent_run_id AS parentId, parent_node_id AS parentNode, parent_index AS parentIndex,
         workflow_name AS workflow, status, seq, epoch, created_at AS createdAt, started_at AS startedAt, finished_at AS finishedAt
       FROM runs`,
    );
    return rows as unknown as RunFact[];
  }

  async readJournals(): Promise<Map<string, EventFact[]>> {
    const [rows] = await this.connection.query<RowDataPacket[]>(
      'SELECT run_id AS runId, seq, epoch, type, node_id, at, attempt, payload FROM journal ORDER BY run_id, seq',
    );
    return Map.groupBy(rows as unknown as (EventFact & { runId: string })[], ({ runId }) => runId);
  }

  async close(): Promise<void> {
    await this.connection.end();
  }
}
