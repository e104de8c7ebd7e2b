import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nodeContext } from '../test/node-context.js';
import { EffectNode } from './effect-node.js';

describe('EffectNode', () => {
  const keys: unknown[] = [];
  let sink: Server;
  let node: EffectNode;

  beforeAll(async () => {
    sink = createServer((request, response) => {
      keys.push(request.headers['idempotency-key']);
      response.end();
    }).listen(0, '127.0.0.1');
    await once(sink, 'listening');
    node = new EffectNode(`http://127.0.0.1:${(sink.address() as AddressInfo).port}/`);
  });
  afterAll(() => {
    sink.close();
    sink.closeAllConnections();
  });

  it('posts its idempotency key', async () => {
    const context = nodeContext({ config: {} });
    await node.execute(context);
    expect(keys).toEqual([context.idempotencyKey]);
  });

  it('blocks the event loop in its first attempt only', async () => {
    const tookMs = async (attempt: number): Promise<number> => {
      const startedAt = performance.now();
      await node.execute(nodeContext({ attempt, config: { block_ms: 1_000 } }));
      return performance.now() - startedAt;
    };
    expect(await tookMs(1)).toBeGreaterThanOrEqual(1_000);
    expect(await tookMs(2)).toBeLessThan(1_000);
  });

  it('has no effect in attempts that are to fail', async () => {
    keys.length = 0;
    await expect(node.execute(nodeContext({ attempt: 2, config: { fail_attempts: 2 } }))).rejects.toThrow('attempt 2');
    expect(keys).toEqual([]);
  });
});
