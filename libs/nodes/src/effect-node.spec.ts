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

  it('has no effect in attempts that are to fail', async () => {
    keys.length = 0;
    await expect(node.execute(nodeContext({ attempt: 2, config: { fail_attempts: 2 } }))).rejects.toThrow('attempt 2');
    expect(keys).toEqual([]);
  });
});
