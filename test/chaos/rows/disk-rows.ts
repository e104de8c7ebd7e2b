import { setTimeout as pause } from 'node:timers/promises';
import { firing, type Row } from './row.js';

const FULL_MS = 8_000;

/** The disk of one server is full, and then somebody makes room and starts what has not survived it. */
function full(under: 'redis' | 'mariadb', megabytes: number): Row {
  return {
    ...{
      id: `20/${under}`,
      title: `disk full under ${under}`,
      invariants: ['A', 'B', 'C', 'D', 'E'],
      settleMs: 60_000,
      stage: {},
    },
    ...{ firings: 20, gapMs: [3_000, 5_000], lastsMs: FULL_MS, smallDisk: { under, megabytes } },
    fire: (stage) =>
      firing(`the disk under ${under} is full`, async () => {
        const disk = stage.servers.smallDisk!;
        disk.fill();
        await pause(FULL_MS);
        disk.free();
        await stage.servers.mend();
      }),
  };
}

export const DISK_ROWS: readonly Row[] = [full('redis', 64), full('mariadb', 450)];
