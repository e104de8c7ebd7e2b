import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { AgentTool, AgentToolbox } from '@baton/agents';
import { sharedProviders } from './shared-providers.js';

/** Puts every provider of the process that is an {@link AgentTool}, in whichever module it stands, into the toolbox before the worker takes work. */
@Injectable()
export class AgentToolDiscovery implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly tools: AgentToolbox,
  ) {}

  /** @throws BatonError `config_invalid` when two classes have one name, or one is made anew for each use. */
  onModuleInit(): void {
    for (const tool of sharedProviders<AgentTool>(this.discovery, AgentTool)) this.tools.register(tool);
  }
}
