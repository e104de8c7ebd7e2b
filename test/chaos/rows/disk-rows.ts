import { setTimeout as pause } from 'node:timers/promises';
import { LARGE_OUTPUTS, LOAD_KINDS } from '../load-kinds.js';
import type { SmallDiskPlan } from '../servers.js';
import { firing, type Row } from './row.js';

const FULL_MS = 8_000;

/** The disk of one of them is full, and then somebody makes room and starts what has not survived it. */
function full(under: SmallDiskPlan['under'], megabytes: number): Row {
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

/** Nodes whose outputs have no room are tried again once there is some; what is there is there whole. */
const blobs: Row = {
  ...full('blobs', 64),
  kinds: [...LOAD_KINDS, LARGE_OUTPUTS],
  fire: (stage) =>
    firing('the disk under blobs is full', async () => {
      const disk = stage.servers.smallDisk!;
      disk.fill();
      await pause(FULL_MS);
      disk.free();
      const recoversFrom = Date.now();
      const { read, torn } = await stage.readBlobs();
      const findings = torn.map((digest) => `the blob ${digest} is torn`);
      return { recoversFrom, findings: read === 0 ? ['no blob was kept that could be torn'] : findings };
    }),
};

export const DISK_ROWS: readonly Row[] = [full('redis', 64), full('mariadb', 450), blobs];
