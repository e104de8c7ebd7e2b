import { setTimeout as pause } from 'node:timers/promises';
import type { TcpProxy } from '../../support/tcp-proxy.js';
import { firing, type Row } from './row.js';

const CLOGGED_MS = 6_000;

export const LINK_ROWS: readonly Row[] = [
  {
    ...{
      id: '27',
      title: 'all links clogged one by one, healed in random order',
      invariants: ['A', 'B', 'C', 'D'],
      settleMs: 90_000,
    },
    ...{ firings: 20, gapMs: [2_000, 4_000], lastsMs: CLOGGED_MS + 5_000, stage: { proxied: ['redis', 'sql'] } },
    fire: (stage, chance) => {
      const links: { name: string; proxy: TcpProxy }[] = [
        { name: 'Redis', proxy: stage.redisProxy! },
        { name: 'MariaDB', proxy: stage.sqlProxy! },
      ];
      const clogged = chance.next() < 0.5 ? links : links.toReversed();
      const healed = chance.next() < 0.5 ? links : links.toReversed();
      const names = (order: typeof links): string => order.map(({ name }) => name).join(' and ');
      return firing(`${names(clogged)} clogged, ${names(healed)} healed`, async () => {
        for (const { proxy } of clogged) {
          proxy.swallow();
          await pause(chance.between(500, 2_000));
        }
        await pause(CLOGGED_MS);
        for (const { proxy } of healed) {
          proxy.forward();
          await pause(chance.between(500, 2_000));
        }
      });
    },
  },
];
