import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { NodeHandler } from '@baton/core';
import { CircuitBreaker } from '@baton/engine';
import { NodeHandlers } from '@baton/nodes';
import { sharedProviders } from './shared-providers.js';

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
    for (const handler of sharedProviders(this.discovery, NodeHandler)) this.handlers.register(handler);
    for (const [type, handler] of this.handlers) this.handlers.set(type, this.breaker.guard(handler));
  }
}
