import type { Database } from '@baton/storage';

/** Rows of one statement: long enough to be fast, short enough for the log of the database. */
const AT_ONCE = 10_000;
const DIGITS = `(${Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(' UNION ALL ')})`;

export const WORKFLOWS = 10;
export const PERIOD_MS = 30 * 86_400_000;
export const runId = (n: number): string => `run-${String(n).padStart(9, '0')}`;

/**
 * Puts runs into an empty database that ended evenly over the thirty days before `until`, each with the two events that its status reads: of ten
 * workflows, 92 % completed, a tenth of a percent live; a third of them with the usage of two models.
 */
export async function fillRuns(database: Database, runs: number, until: number): Promise<void> {
  const isSqlite = database.dialect === 'sqlite';
  const id = isSqlite ? "printf('run-%09d', n)" : "CONCAT('run-', LPAD(n, 9, '0'))";
  const text = (column: string): string => (isSqlite ? `'wf-' || ${column}` : `CONCAT('wf-', ${column})`);
  const workflow = text(`n % ${WORKFLOWS}`);
  const status =
    "CASE WHEN n % 1000 = 500 THEN 'waiting' WHEN n % 100 < 92 THEN 'completed' WHEN n % 100 < 97 THEN 'failed' ELSE 'cancelled' END";
  const isLive = 'n % 1000 = 500';
  const end = `${until} - ${PERIOD_MS} + ${PERIOD_MS / 1_000} * n DIV ${runs / 1_000}`.replace(
    ' DIV ',
    isSqlite ? ' / ' : ' DIV ',
  );
  // From some milliseconds to an hour, most of them short.
  const duration = isSqlite ? 'CAST(EXP((n * 7919) % 1000 / 66.0) AS integer)' : 'FLOOR(EXP((n * 7919) % 1000 / 66.0))';
  const day = isSqlite ? `date((${end}) / 1000, 'unixepoch')` : `DATE_FORMAT(FROM_UNIXTIME((${end}) / 1000), '%Y-%m-%d')`;
  for (let from = 0; from < runs; from += AT_ONCE) {
    const numbers = `(SELECT ${from} + a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n
      FROM ${DIGITS} AS a CROSS JOIN ${DIGITS} AS b CROSS JOIN ${DIGITS} AS c CROSS JOIN ${DIGITS} AS e) AS numbers`;
    await database.writeAll([
      {
        sql: `INSERT INTO runs (id, workflow_id, workflow_name, workflow_version, workflow_digest, status, input, seq, epoch, created_at, started_at, finished_at)
          SELECT ${id}, ${workflow}, ${workflow}, 1, 'digest', ${status}, '{"question":"why?"}', 2, 1, ${end} - ${duration} - 50, ${end} - ${duration},
            CASE WHEN ${isLive} THEN NULL ELSE ${end} END FROM ${numbers} ORDER BY n`,
        values: [],
      },
      ...[1, 2].map((seq) => ({
        sql: `INSERT INTO journal (run_id, seq, epoch, type, v, visit, attempt, at, payload)
          SELECT ${id}, ${seq}, 1, ${seq === 1 ? "'run.submitted'" : "'run.completed'"}, 1, 0, 0, ${end}, '{"output":null}' FROM ${numbers} ORDER BY n`,
        values: [],
      })),
      ...['small', 'large'].map((model) => ({
        sql: `INSERT INTO run_usage (run_id, day, node_id, agent, model, workflow_id, workflow_name, model_calls, prompt_tokens, completion_tokens, cost_micros)
          SELECT ${id}, ${day}, 'n', 'writer', 'local/${model}', ${workflow}, ${workflow}, 2, 700, 300, 5 FROM ${numbers} WHERE n % 3 = 0 ORDER BY n`,
        values: [],
      })),
    ]);
  }
  if (!isSqlite) await database.read('ANALYZE TABLE runs, journal, run_usage');
  else await database.read('ANALYZE');
}
