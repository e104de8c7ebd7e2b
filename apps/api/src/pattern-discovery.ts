import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Pattern } from '@baton/core';
import { PatternCatalog } from '@baton/engine';

/** Offers every provider of the process that is a {@link Pattern}, in whichever module it stands. */
@Injectable()
export class PatternDiscovery implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly catalog: PatternCatalog,
  ) {}

  /** @throws BatonError `config_invalid` when two have one name. */
  onModuleInit(): void {
    for (const { instance } of this.discovery.getProviders()) {
      if (instance instanceof Pattern) this.catalog.register(instance);
    }
  }
}
