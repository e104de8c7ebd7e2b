import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { Injectable, Module, Scope, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { NodeHandler, type JsonValue, type NodeContext } from '@baton/core';
import { EchoNode, NodeHandlers } from '@baton/nodes';
import { CircuitBreaker, silentObserver } from '@baton/engine';
import { CircuitTables, MemoryCircuitStore, VirtualClock } from '../../../test/support/in-memory/index.js';
import { NodeTypeDiscovery } from './node-type-discovery.js';

@Injectable()
class Greetings {
  of(name: JsonValue): string {
    return `Hello ${JSON.stringify(name)}`;
  }
}

@Injectable()
class GreetNode extends NodeHandler {
  readonly type = 'greet';

  constructor(private readonly greetings: Greetings) {
    super();
  }

  execute({ config }: NodeContext): Promise<JsonValue> {
    return Promise.resolve(this.greetings.of(config['name'] ?? null));
  }
}

class LoudNode extends EchoNode {}

@Injectable({ scope: Scope.TRANSIENT })
class FleetingNode extends EchoNode {}

@Injectable({ scope: Scope.REQUEST })
class RequestedNode extends EchoNode {}

/** The types that a process with these providers, each in a module of its own, executes. */
async function discover(...providers: Provider[]): Promise<NodeHandlers> {
  const imports = providers.map((provider) => {
    @Module({ providers: [Greetings, provider] })
    class Part {}
    return Part;
  });
  const handlers = { provide: NodeHandlers, useFactory: () => new NodeHandlers() };
  const parts = { circuits: new MemoryCircuitStore(new CircuitTables()), clock: new VirtualClock(), observer: silentObserver };
  const policy = { failureThreshold: 1, openMs: 1_000 };
  const breaker = new CircuitBreaker(parts, { policy, refreshMs: 0, flushMs: 1_000, keepMs: 60_000 });
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule, ...imports],
    providers: [NodeTypeDiscovery, handlers, { provide: CircuitBreaker, useValue: breaker }],
  }).compile();
  await module.init();
  return module.get(NodeHandlers);
}

describe('node types of a process', () => {
  test('are those of all its providers that are handlers, with what they depend on', async () => {
    const none = { provide: 'no node', useFactory: () => null };
    const made = { provide: EchoNode, useFactory: () => new EchoNode() };
    const handlers = await discover(GreetNode, none, made);
    expect([...handlers.keys()].sort()).toEqual(['echo', 'greet']);
    const context = { config: { name: 'Ada' } } as unknown as NodeContext;
    expect(await handlers.get('greet')!.execute(context)).toBe('Hello "Ada"');
  });

  test('may be known under two names', async () => {
    const node = new EchoNode();
    const handlers = await discover({ provide: 'one', useValue: node }, { provide: 'another', useValue: node });
    expect([...handlers.keys()]).toEqual(['echo']);
  });

  test('that two classes claim keep the process from starting, by the names of both', async () => {
    await expect(discover(EchoNode, LoudNode)).rejects.toMatchObject({
      code: 'config_invalid',
      message: 'Two handlers claim the node type `echo`: EchoNode and LoudNode',
    });
  });

  test.each([FleetingNode, RequestedNode])('must be singletons: not %p', async (node) => {
    await expect(discover(node)).rejects.toMatchObject({
      code: 'config_invalid',
      message: `${node.name} is not a singleton`,
    });
  });
});
