import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { BatonError, NodeHandler } from '@baton/core';
import { CircuitBreaker } from '@baton/engine';
import { NodeHandlers } from '@baton/nodes';

/** Registers every provider of the process that is a {@link NodeHandler}, in whichever module it stands, before the worker takes work. */
@Injectable()
export class NodeTypeDiscovery implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly handlers: NodeHandlers,
    private readonly breaker: CircuitBreaker,
  ) {}

  /** @throws BatonError `config_invalid` when two classes claim one type, or one is made anew for each use. */
  onModuleInit(): void {
    const found = new Set<NodeHandler>();
    for (const wrapper of this.discovery.getProviders()) {
      const instance: unknown = wrapper.instance;
      if (!(instance instanceof NodeHandler)) continue;
      if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) throw notShared(instance);
      found.add(instance);
    }
    for (const handler of found) this.handlers.register(handler);
    for (const [type, handler] of this.handlers) this.handlers.set(type, this.breaker.guard(handler));
  }
}

function notShared({ constructor }: NodeHandler): BatonError {
  return new BatonError(
    'config_invalid',
    `${constructor.name} is not a singleton`,
    { handler: constructor.name },
    { remedy: 'A node handler is one instance for all runs: give it the default scope, and only dependencies that have it.' },
  );
}
