import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { openEvents } from '../../support/event-stream.js';
import type { Chance } from '../chance.js';
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

/** The ports from which the connections of a kind, over all processes, reach Redis. */
async function portsOf(kind: (typeof KINDS)[number], stage: Stage): Promise<Set<number>> {
  const list = await stage.withRedis((redis) => redis.client('LIST'));
  const lines = String(list)
    .split('\n')
    .filter((line) => new RegExp(`name=baton:[^ ]*:${kind}\\b`).test(line));
  return new Set(lines.map((line) => Number(/ addr=[^ ]*:(\d+) /.exec(line)?.[1])));
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
        const hit = stage.redisProxy!.swallowOpen(await portsOf(kind, stage));
        return { times: hit > 0 ? 1 : 0 };
      }),
  };
}

/** What operators must be told, as /health/deep tells it. */
const MEMORY_FAULTS = [
  { policy: 'noeviction', alarm: 'out of memory' },
  { policy: 'allkeys-lru', alarm: 'may drop keys' },
];
const MEMORY_FAULT_MS = 5_000;

async function healthOfQueue(stage: Stage): Promise<string> {
  const url = stage.apiUrls[0]!;
  const response = await fetch(`${url}/health/deep`, { signal: AbortSignal.timeout(5_000) });
  return JSON.stringify(((await response.json()) as { parts?: { queue?: object } }).parts?.queue);
}

const outOfMemory: Row = {
  ...{ id: '11', title: 'Redis out of memory; wrong eviction policy', invariants: ALL, settleMs: 30_000, stage: {} },
  ...{ firings: 20, gapMs: [2_000, 4_000], lastsMs: MEMORY_FAULT_MS },
  fire: (stage, chance) => {
    const { policy, alarm } = chance.pick(MEMORY_FAULTS);
    return firing(`Redis has 1 MB, and the policy ${policy}`, async () => {
      const set = (memory: string, chosen: string): Promise<unknown> =>
        stage.withRedis((redis) => redis.config('SET', 'maxmemory', memory, 'maxmemory-policy', chosen));
      await set('1mb', policy);
      const told = await healthOfQueue(stage);
      await pause(MEMORY_FAULT_MS);
      await set('0', 'noeviction');
      return { findings: told.includes(alarm) ? [] : [`/health/deep says of the queue: ${told}`] };
    });
  },
};

const SLOW_MS = 10_000;

const slow: Row = {
  ...{ id: '15', title: 'Redis slow (200 +- 200 ms), 5 % resets', invariants: ALL, settleMs: 60_000 },
  ...{ firings: 20, gapMs: [500, 2_000], lastsMs: SLOW_MS, stage: { proxied: ['redis'] } },
  fire: (stage) =>
    firing('Redis is slow', async () => {
      // Each way, so that question and answer take 0 to 400 ms.
      stage.redisProxy!.slow(0, 200, 0.05);
      await pause(SLOW_MS);
      stage.redisProxy!.forward();
    }),
};

const COMMANDS = [
  { name: 'a lock script', match: /(task|run):[\w-]+:lock/ },
  { name: 'a script of the queue', match: /evalsha[\s\S]*\{baton\}:runs:/i },
  { name: 'the SET NX of the marker', match: /:known[\s\S]*NX/ },
];

const DOORBELL_DEAD_MS = 60_000;
const WATCHED = 20;
const STREAM_BOUND_MS = 10_000;

/** Follows a run to its end over SSE, and says what is wrong with what came. */
async function follow(stage: Stage, chance: Chance): Promise<string[]> {
  const runId = await stage.startRun(chance.pick(['chaos-ten', 'chaos-timer', 'chaos-long']));
  const url = `${chance.pick(stage.apiUrls)}/api/v1/runs/${runId}/events`;
  const stream = await openEvents(url, {}, DOORBELL_DEAD_MS + STREAM_BOUND_MS);
  const isEnd = ({ event }: { event: string }): boolean => /^run\.(completed|failed|cancelled)$/.test(event);
  const frames = await stream.read((seen) => seen.some(isEnd)).catch(() => []);
  stream.close();
  const seqs = frames.map(({ data }) => data.seq);
  const isWhole = seqs.length > 0 && seqs.every((seq, index) => seq === index + 1) && isEnd(frames.at(-1)!);
  return isWhole ? [] : [`a client of run ${runId} saw ${seqs.join()}`];
}

const deadDoorbell: Row = {
  ...{ id: '23', title: 'doorbell dead for 60 s', invariants: ALL, settleMs: 10_000 },
  ...{ firings: 5, gapMs: [1_000, 2_000], lastsMs: DOORBELL_DEAD_MS, stage: { proxied: ['redis'] } },
  fire: (stage, chance) =>
    firing('the doorbell is dead', async () => {
      const endsAt = performance.now() + DOORBELL_DEAD_MS;
      const watched: Promise<string[]>[] = [];
      for (let beat = 0; performance.now() < endsAt; beat += 1) {
        stage.redisProxy!.swallowOpen(await portsOf('subscriber', stage));
        if (beat % 2 === 0 && watched.length < WATCHED) watched.push(follow(stage, chance));
        await pause(500);
      }
      return { findings: (await Promise.all(watched)).flat() };
    }),
};

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
  outOfMemory,
  slow,
  deadDoorbell,
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
