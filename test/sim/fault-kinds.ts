import { poolDispatchOf, poolJobId } from '@baton/core';
import { MemoryWorkerRegistry, type Chance, type World } from '../support/in-memory/index.js';
import type { Cluster, WorkerMember } from './cluster.js';
import { POOL } from './node-sketches.js';

/** What a fault may lay hands on. */
interface Victims {
  world: World;
  cluster: Cluster;
  chance: Chance;
  runIds: readonly string[];
}

/** Something that goes wrong at an instant, beside what befalls single calls. False: there was nothing that it could befall. */
export interface FaultKind {
  name: string;
  strike(victims: Victims): boolean | void;
}

/** Every kind of fault. Whoever thinks of another adds it here. */
export const FAULT_KINDS: readonly FaultKind[] = [
  {
    name: 'worker killed',
    strike: ({ cluster, chance, world }) => withOne(chance, holders(cluster, world), ({ process }) => cluster.crash(process)),
  },
  {
    name: 'worker told to end',
    strike: ({ cluster, chance }) => withOne(chance, cluster.workers, (member) => cluster.shutDown(member)),
  },
  {
    name: 'worker stopped until another has its run, and continued',
    strike: ({ cluster, chance, world }) => withOne(chance, holders(cluster, world), (member) => cluster.stopUntilTaken(member)),
  },
  {
    name: 'worker stopped for a moment',
    strike: ({ cluster, chance }) =>
      withOne(chance, cluster.workers, (member) => cluster.stopForAWhile(member, chance.below(3_000))),
  },
  { name: 'API killed', strike: ({ cluster, chance }) => withOne(chance, cluster.apis, ({ process }) => cluster.crash(process)) },
  {
    name: 'lease ended early',
    strike: ({ cluster, chance, world }) =>
      withOne(chance, holders(cluster, world), ({ process }) => void new MemoryWorkerRegistry(world.db).expire(process.id)),
  },
  { name: 'queue wiped', strike: ({ world }) => (world.queueService.wipe(), world.poolService.wipe()) },
  { name: 'locks wiped', strike: ({ world }) => world.lockService.wipe() },
  {
    name: 'lock lost',
    strike: ({ world, chance }) => withOne(chance, heldKeys(world), (key) => world.lockService.delete(key)),
  },
  {
    name: 'lock stolen',
    strike: ({ world, chance }) => withOne(chance, heldKeys(world), (key) => world.lockService.set(key, 'worker/thief:0')),
  },
  {
    name: 'Redis away',
    strike: ({ world, chance }) => {
      const { queueService, poolService, lockService, bellService, clock } = world;
      queueService.reachable = poolService.reachable = lockService.reachable = false;
      bellService.broken = chance.pick(['silently', 'known']);
      void clock.sleep(chance.below(6_000)).then(() => {
        queueService.reachable = poolService.reachable = lockService.reachable = true;
        bellService.broken = 'no';
      });
    },
  },
  {
    name: 'doorbell dead for a while',
    strike: ({ world, chance }) => {
      world.bellService.broken = chance.pick(['silently', 'known']);
      void world.clock.sleep(chance.below(6_000)).then(() => (world.bellService.broken = 'no'));
    },
  },
  {
    name: 'SQL away',
    strike: ({ world, cluster, chance }) => void (cluster.sqlAwayUntil = world.clock.now() + chance.below(6_000)),
  },
  {
    name: 'wake-up lost',
    strike: ({ world, chance }) => {
      const idle = [...world.queueService.jobs].filter(([, { consumer }]) => consumer === null || chance.happens(0.5));
      return withOne(chance, idle, ([id]) => void world.queueService.jobs.delete(id));
    },
  },
  {
    name: 'wake-up doubled',
    strike: ({ world, chance, runIds, cluster }) =>
      withOne(chance, runIds, (runId) => {
        const { taskId, generation } = world.run(runId);
        const dispatch = { runId, taskId, generation: Math.max(0, generation - chance.below(2)) };
        if (chance.happens(0.5)) return world.queueService.add(dispatch);
        for (const { worker } of cluster.workers) void worker.advancer.advance(dispatch);
      }),
  },
  {
    name: 'pool job lost',
    strike: ({ world, chance }) =>
      withOne(chance, poolJobsOf(world), ({ pool, id }) => void world.poolService.of(pool).jobs.delete(id)),
  },
  {
    name: 'pool job doubled',
    strike: ({ world, chance, cluster }) =>
      withOne(
        chance,
        [...world.db.poolJobs.values()].filter(({ pool }) => pool === POOL),
        (job) => {
          const dispatch = { ...poolDispatchOf(job), generation: Math.max(0, job.generation - chance.below(2)) };
          for (const { worker, duty } of cluster.workers) if (duty !== 'runs') void worker.pools.work(dispatch);
        },
      ),
  },
  {
    name: 'ring doubled',
    strike: ({ world, chance, runIds, cluster }) =>
      withOne(chance, runIds, (runId) => {
        for (const { worker } of cluster.workers) worker.advancer.ringInbox(runId);
        world.bellService.rung.length = 0;
      }),
  },
];

function withOne<T>(chance: Chance, all: readonly T[], strike: (one: T) => void): boolean {
  if (all.length === 0) return false;
  strike(chance.pick(all));
  return true;
}

/** The jobs of pools, as their queues name them. */
function poolJobsOf({ db }: World): { pool: string; id: string }[] {
  return [...db.poolJobs.values()].map((job) => ({ pool: job.pool, id: `${poolJobId(job)}.${job.generation}` }));
}

/** The workers that it hurts: those with a run or a node in hand, if there are any. */
function holders({ workers }: Cluster, { db }: World): readonly WorkerMember[] {
  const inPools = new Set([...db.poolJobs.values()].map(({ workerId }) => workerId));
  const holding = workers.filter(({ worker }) => worker.advancer.heldRunIds.length > 0 || inPools.has(worker.id));
  return holding.length > 0 ? holding : workers;
}

function heldKeys(world: World): string[] {
  return [...world.db.runs.values()]
    .map(({ id, taskId }) => (taskId === null ? `run:${id}:lock` : `task:${taskId}:lock`))
    .filter((key) => world.lockService.get(key) !== null);
}
