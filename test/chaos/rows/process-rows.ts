import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultPoint } from '@baton/core';
import { eventually } from '../../support/eventually.js';
import type { Chance } from '../chance.js';
import { BLOCKING, LOAD_KINDS, LONG_RUNS, POISON } from '../load-kinds.js';
import type { Slot, Stage } from '../stage.js';
import { firing, type Firing, type Row } from './row.js';

/** A worker's lease, as configured by default. */
const LEASE_TTL_MS = 5_000;
const GRACE_MS = 10_000;
const FAULT_POINT_BOUND_MS = 30_000;
const POISON_BOUND_MS = 120_000;
/** Arms a fault point in a fresh process and waits until the load has run into it. The place stays empty until the next firing. */
function crashAt(
  point: FaultPoint,
  slots: readonly Slot[],
  stage: Stage,
  chance: Chance,
  passes: [number, number],
): Promise<Firing> {
  const pass = chance.between(...passes);
  const slot = slots.find(({ process }) => process === null) ?? chance.pick(slots);
  return firing(`${slot.app} dies at pass ${pass} of ${point}`, async () => {
    await stage.terminate(slot);
    await stage.start(slot, [{ point, pass, fault: 'kill' }]);
    await stage.hasEnded(slot, FAULT_POINT_BOUND_MS);
  });
}

/** As the process's state says: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function isStopped({ process }: Slot): boolean {
  return process !== null && readFileSync(`/proc/${process.child.pid}/stat`, 'utf8').split(') ')[1]!.startsWith('T');
}

function workerCrash(id: string, title: string, point: FaultPoint, passes: [number, number]): Row {
  return {
    ...{
      id,
      title,
      invariants: ['A', 'B', 'C', 'D'],
      settleMs: 60_000,
      firings: 20,
      gapMs: [200, 1_500],
      lastsMs: 5_000,
      stage: {},
    },
    fire: (stage, chance) => crashAt(point, stage.workers, stage, chance, passes),
  };
}

/** A worker is stopped anywhere; with an append on its lips, which then comes too late; in the middle of its transaction. */
function stopped(where: string, point: FaultPoint | null): Row {
  // An append that comes too late meets a run that another holds only where the run outlasts the stop.
  const kinds = point === null ? [...LOAD_KINDS, LONG_RUNS] : [LONG_RUNS];
  return {
    ...{ id: `4/${where}`, title: `worker stopped for 2 x TTL, then continued: ${where}`, invariants: ['A', 'B', 'C', 'D'] },
    ...{
      settleMs: 60_000,
      firings: 20,
      gapMs: [500, 2_000],
      lastsMs: 2 * LEASE_TTL_MS,
      stage: {},
      kinds,
      maxPerSecond: point === null ? 10 : 3,
    },
    fire: (stage, chance) => {
      const slot = chance.pick(point === null ? [...stage.workers, ...stage.poolWorkers] : stage.workers);
      const pass = chance.between(5, 40);
      return firing(`worker ${stage.slots.indexOf(slot)} stopped`, async () => {
        if (point === null) slot.process?.child.kill('SIGSTOP');
        else {
          await stage.terminate(slot);
          await stage.start(slot, [{ point, pass, fault: 'stop' }]);
        }
        await eventually(() => isStopped(slot), 'the worker is stopped', FAULT_POINT_BOUND_MS);
        const recoversFrom = Date.now();
        await pause(2 * LEASE_TTL_MS);
        slot.process?.child.kill('SIGCONT');
        return { recoversFrom };
      });
    },
  };
}

/** Three times `TASK_LOCK_TTL` of this row; longer than the lease, so that others take over while it blocks. */
const BLOCKED_MS = 9_000;

const blocked: Row = {
  ...{ id: '5', title: 'event loop blocked for 3 x lock duration', invariants: ['A', 'B', 'C', 'D'], settleMs: 60_000 },
  ...{ firings: 20, gapMs: [500, 2_000], lastsMs: BLOCKED_MS + 1_000, stage: { env: { TASK_LOCK_TTL: '3' } } },
  fire: (stage) =>
    firing('a node blocks its worker', async () => {
      const runId = await stage.startRun(BLOCKING.name);
      await eventually(async () => (await stage.findRun(runId))?.['status'] !== 'queued', 'it is in work', FAULT_POINT_BOUND_MS);
      const recoversFrom = Date.now();
      await pause(BLOCKED_MS);
      return { recoversFrom };
    }),
};

/** It takes down one worker after the other, until it is given up; meanwhile what died is started again. */
const poisoned: Row = {
  ...{ id: '25', title: 'poison node: abort, out of memory', invariants: ['A', 'B', 'C', 'D'], settleMs: 60_000 },
  ...{ firings: 10, gapMs: [500, 2_000], lastsMs: 15_000, stage: { env: { NODE_OPTIONS: '--max-old-space-size=256' } } },
  fire: (stage, chance) => {
    const { name } = chance.pick(POISON);
    return firing(`a run of ${name}`, async () => {
      const runId = await stage.startRun(name);
      const run = await eventually(
        async () => {
          await Promise.all(stage.workers.filter(({ process }) => process === null).map((slot) => stage.start(slot)));
          const found = await stage.findRun(runId);
          return typeof found?.['finished_at'] === 'string' ? found : null;
        },
        'the poison is given up',
        POISON_BOUND_MS,
      );
      const { code } = (run['error'] ?? {}) as { code?: string };
      return { findings: code === 'poison_run' ? [] : [`${name} has not ended as poison: ${JSON.stringify(run)}`] };
    });
  },
};

export const PROCESS_ROWS: readonly Row[] = [
  blocked,
  poisoned,
  {
    ...{ id: '1', title: 'worker killed (-9) in a node', invariants: ['A', 'B', 'C', 'D'], settleMs: 60_000 },
    ...{ firings: 20, gapMs: [3_000, 8_000], lastsMs: 2_000, stage: {} },
    fire: (stage, chance) => {
      const slot = chance.pick([...stage.workers, ...stage.poolWorkers]);
      return firing(`worker ${stage.slots.indexOf(slot)} killed`, async () => {
        await stage.kill(slot);
        const recoversFrom = Date.now();
        await stage.start(slot);
        return { recoversFrom };
      });
    },
  },
  {
    ...{ id: '2', title: 'API killed between COMMIT and enqueue', invariants: ['A', 'B', 'C', 'D'], settleMs: 30_000 },
    ...{ firings: 20, gapMs: [200, 1_500], lastsMs: 5_000, stage: {} },
    fire: (stage, chance) => crashAt('submit.afterCommit', stage.apis, stage, chance, [2, 12]),
  },
  workerCrash('1/lock', 'worker killed with the lock, before its claim', 'advance.afterLock', [5, 40]),
  workerCrash('3', 'worker killed after the effect, before the append', 'advance.afterEffect', [5, 40]),
  stopped('anywhere', null),
  stopped('append', 'advance.beforeAppend'),
  stopped('commit', 'commit.beforeCommit'),
  {
    ...{
      id: '24',
      title: 'rolling SIGTERM restarts of all processes',
      invariants: ['A', 'B', 'C', 'D', 'E'],
      settleMs: GRACE_MS,
    },
    ...{ firings: 20, gapMs: [500, 1_500], lastsMs: 4_000, stage: {} },
    fire: (stage, chance) => {
      const slot = stage.slots[chance.between(0, stage.slots.length - 1)]!;
      return firing(`${slot.app} ${stage.slots.indexOf(slot)} restarted`, async () => {
        const code = await stage.terminate(slot);
        const recoversFrom = Date.now();
        await stage.start(slot);
        return { recoversFrom, findings: code === 0 ? [] : [`${slot.app} ended with ${code} after SIGTERM`] };
      });
    },
  },
];
