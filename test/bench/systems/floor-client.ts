import { Redis } from 'ioredis';
import type { BenchClient, StageAddress } from '../bench-client.js';
import { ENDED_CHANNEL } from './floor-schema.js';
import { openFloor } from './floor-submit.js';

/** The end is heard from the commit that wrote it. */
export async function connect(address: StageAddress): Promise<BenchClient> {
  const floor = await openFloor(address);
  const subscriber = new Redis(address.redisUrl);
  const ended = new Map<string, () => void>();
  await subscriber.subscribe(ENDED_CHANNEL);
  subscriber.on('message', (_channel, ids) => {
    for (const id of ids.split(',')) ended.get(id)?.();
  });

  return {
    async execute(steps, shape = 'chain') {
      const { promise: end, resolve } = Promise.withResolvers<void>();
      let own = '';
      await floor.submit(steps, shape, (id) => ended.set((own = id), resolve));
      await end;
      ended.delete(own);
    },
    async close() {
      subscriber.disconnect();
      await floor.close();
    },
  };
}
