import { describe, expect, it } from '@jest/globals';
import { createLogger, loadConfig, type Environment } from '@baton/platform';
import { chooseQueue } from './queue-choice.js';

const choose = (environment: Environment) => {
  const config = loadConfig('standalone', environment);
  return chooseQueue(config, createLogger({ ...config, logLevel: 'silent' }), async () => false);
};

describe('the queue, where no redis-server is installed', () => {
  it('is in-process unless something else is asked for', async () => {
    for (const queue of ['auto', 'memory']) expect((await choose({ QUEUE: queue })).config.queue).toBe('memory');
  });

  it('is on REDIS_URL, whose password is not shown', async () => {
    const { config, description } = await choose({ REDIS_URL: 'redis://:secret@redis.internal:6379' });
    expect([config.queue, description]).toEqual(['bullmq', 'BullMQ on redis.internal:6379']);
  });

  it('is never in-process where BullMQ is asked for by name', async () => {
    await expect(choose({ QUEUE: 'bullmq' })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('QUEUE: must be auto or memory'),
    });
  });
});
