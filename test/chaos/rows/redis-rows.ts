import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import type { Stage } from '../stage.js';
import { firing, type Firing, type Row } from './row.js';

const ALL = ['A', 'B', 'C', 'D', 'E'] as const;
const KINDS = ['queue', 'worker', 'subscriber', 'lock'] as const;

function downFor(ms: number, stage: Stage): Promise<Firing> {
  return firing(`Redis killed for ${ms} ms`, async () => {
    await stage.servers.killRedis();
    await pause(ms);
    await stage.servers.restartRedis();
  });
}

function killed(seconds: number): Row {
  return {
    ...{ id: `6/${seconds}s`, title: `Redis killed for ${seconds} s`, invariants: ALL, settleMs: 30_000, stage: {} },
    ...{ firings: seconds >= 30 ? 5 : 20, gapMs: [1_500, 4_000], lastsMs: seconds * 1_000 + 500 },
    fire: (stage) => downFor(seconds * 1_000, stage),
  };
}

/** The connections of one kind, over all processes, become half-open: their bytes vanish, new connections work. */
function halfOpen(kind: (typeof KINDS)[number]): Row {
  return {
    ...{
      id: `14/${kind}`,
      title: `half-open connection to Redis: ${kind}`,
      invariants: ['A', 'B', 'C', 'D', 'E'],
      settleMs: 30_000,
    },
    ...{ firings: 20, gapMs: [6_000, 8_000], lastsMs: 500, stage: { proxied: ['redis'] } },
    fire: (stage) =>
      firing(`connections of the kind ${kind} swallow`, async () => {
        const list = await stage.withRedis((redis) => redis.client('LIST'));
        const ports = String(list)
          .split('\n')
          .filter((line) => new RegExp(`name=baton:[^ ]*:${kind}\\b`).test(line))
          .map((line) => Number(/ addr=[^ ]*:(\d+) /.exec(line)?.[1]));
        const hit = stage.redisProxy!.swallowOpen(new Set(ports));
        return { times: hit > 0 ? 1 : 0 };
      }),
  };
}

const COMMANDS = [
  { name: 'a lock script', match: /(task|run):[\w-]+:lock/ },
  { name: 'a script of the queue', match: /evalsha[\s\S]*\{baton\}:runs:/i },
  { name: 'the SET NX of the marker', match: /:known[\s\S]*NX/ },
];

export const REDIS_ROWS: readonly Row[] = [
  ...[1, 7, 20, 120].map(killed),
  {
    ...{ id: '7', title: 'Redis stopped for 30 s', invariants: ALL, settleMs: 15_000, stage: {} },
    ...{ firings: 5, gapMs: [2_000, 4_000], lastsMs: 30_000 },
    fire: (stage) =>
      firing('Redis stopped', async () => {
        const { child } = stage.servers.redis;
        child.kill('SIGSTOP');
        await pause(30_000);
        child.kill('SIGCONT');
      }),
  },
  {
    ...{ id: '8', title: 'Redis flaps ten times, 0.7-4 s', invariants: ['A', 'B', 'C', 'D'], settleMs: 30_000, stage: {} },
    ...{ firings: 50, gapMs: [700, 4_000], lastsMs: 2_800 },
    fire: (stage, chance) => downFor(chance.between(700, 4_000), stage),
  },
  {
    ...{ id: '9', title: 'FLUSHALL every 10 s', invariants: ['A', 'B', 'C', 'D'], settleMs: 30_000, stage: {} },
    ...{ firings: 20, gapMs: [9_500, 10_500], lastsMs: 100 },
    fire: (stage) => firing('FLUSHALL', async () => void (await stage.withRedis((redis) => redis.flushall()))),
  },
  {
    ...{ id: '13', title: 'Redis absent at boot, comes later', invariants: ALL, settleMs: 30_000, stage: {} },
    ...{ firings: 20, gapMs: [2_000, 4_000], lastsMs: 9_000 },
    fire: (stage, chance) =>
      firing('all begin without Redis', async () => {
        await stage.servers.killRedis();
        await Promise.all(stage.slots.map((slot) => stage.kill(slot)));
        await stage.startAll();
        await pause(chance.between(1_000, 5_000));
        await stage.servers.restartRedis();
      }),
  },
  ...KINDS.map(halfOpen),
  {
    ...{ id: '16', title: 'reply to SET NX or a script lost', invariants: ['A', 'B', 'C', 'D'], settleMs: 30_000 },
    ...{ firings: 50, gapMs: [300, 1_200], lastsMs: 300, stage: { proxied: ['redis'] } },
    fire: (stage, chance) => {
      const proxy = stage.redisProxy!;
      const { name, match } = chance.pick(COMMANDS);
      const after = chance.pick(['reset', 'hang'] as const);
      return firing(`the reply to ${name} is lost, then ${after}`, async () => {
        const before = proxy.eaten;
        proxy.eatReply(match, { after });
        await eventually(() => proxy.eaten > before, `a reply to ${name} was eaten`, 15_000);
      });
    },
  },
];
