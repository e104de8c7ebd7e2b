import { setTimeout as pause } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { COMMIT, isWholeReply } from '../../support/mysql-commit-reply.js';
import { firing, type Row } from './row.js';

const WINDOW_MS = 3_000;

const HELD_MS = 4_000;

/** Holds locks that Baton needs, from a connection of its own. */
function held(where: string, statements: (beat: number) => readonly string[], beatMs: number): Row {
  return {
    ...{
      id: `19/${where}`,
      title: `SQL under held locks: ${where}`,
      invariants: ['A', 'B', 'C', 'D', 'E'],
      settleMs: 30_000,
      stage: {},
    },
    ...{ firings: 20, gapMs: [1_500, 4_000], lastsMs: HELD_MS },
    fire: (stage) =>
      firing(`locks are held: ${where}`, async () => {
        const connection = await createConnection({ uri: stage.databaseUrl });
        try {
          const endsAt = performance.now() + HELD_MS;
          for (let beat = 0; performance.now() < endsAt; beat += 1) {
            // The one who holds the locks may be the victim of a deadlock, which ends its transaction.
            for (const sql of statements(beat)) await connection.query(sql).catch(() => undefined);
            await pause(beatMs);
            await connection.query('ROLLBACK');
          }
        } finally {
          connection.destroy();
        }
      }),
  };
}

const halfOpen: Row = {
  ...{ id: '19/half-open', title: 'SQL connections half-open', invariants: ['A', 'B', 'C', 'D', 'E'], settleMs: 30_000 },
  ...{ firings: 20, gapMs: [4_000, 6_000], lastsMs: 500, stage: { proxied: ['sql'] } },
  fire: (stage) => firing('SQL connections swallow', async () => ({ times: stage.sqlProxy!.swallowOpen() > 0 ? 1 : 0 })),
};

export const SQL_ROWS: readonly Row[] = [
  halfOpen,
  // Every open run and every lease: writers skip the runs, and renewals run into the bound of a statement.
  held(
    'rows',
    () => ['BEGIN', 'SELECT id FROM runs WHERE wake_at IS NOT NULL FOR UPDATE', 'SELECT id FROM workers FOR UPDATE'],
    HELD_MS,
  ),
  // Nobody reads or writes a run: every connection of the pools waits.
  held('pool', () => ['LOCK TABLES runs WRITE'], HELD_MS),
  // Against the order in which Baton locks.
  held(
    'deadlocks',
    (beat) => [
      'BEGIN',
      ...['DESC', 'ASC'].map((order) => `SELECT id FROM runs ORDER BY id ${order} LIMIT ${1 + (beat % 20)} FOR UPDATE`),
    ],
    20,
  ),
  {
    ...{ id: '17', title: 'SQL server killed every 5-10 s', invariants: ['A', 'B', 'C', 'D'], settleMs: 60_000, stage: {} },
    ...{ firings: 20, gapMs: [5_000, 10_000], lastsMs: 1_500, runsFactor: 5 },
    fire: (stage) =>
      firing('MariaDB killed', async () => {
        await stage.servers.killMariaDb();
        await stage.servers.restartMariaDb();
      }),
  },
  {
    ...{ id: '18', title: 'COMMIT done, reply lost (5 %)', invariants: ['A', 'B', 'C', 'D'], settleMs: 30_000 },
    ...{ firings: 50, timesPerFiring: 5, gapMs: [300, 1_000], lastsMs: WINDOW_MS, stage: { proxied: ['sql'] } },
    fire: (stage, chance) => {
      const proxy = stage.sqlProxy!;
      const after = chance.pick(['reset', 'hang'] as const);
      return firing(`replies to COMMIT are lost, then ${after}`, async () => {
        const before = proxy.eaten;
        proxy.eatReply(COMMIT, { after, isWhole: isWholeReply, rate: 0.05, times: Number.POSITIVE_INFINITY });
        await pause(WINDOW_MS);
        proxy.forward();
        return { times: proxy.eaten - before };
      });
    },
  },
];
