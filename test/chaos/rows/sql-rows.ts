import { setTimeout as pause } from 'node:timers/promises';
import { COMMIT, isWholeReply } from '../../support/mysql-commit-reply.js';
import { firing, type Row } from './row.js';

const WINDOW_MS = 3_000;

export const SQL_ROWS: readonly Row[] = [
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
    ...{ firings: 50, gapMs: [300, 1_000], lastsMs: WINDOW_MS, stage: { proxied: ['sql'] } },
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
