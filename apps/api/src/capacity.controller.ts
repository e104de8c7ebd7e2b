import { Controller, Get, Inject } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { keepMsOf } from '@baton/core';
import { CapacityReporter } from '@baton/engine';
import { CONFIG, retentionOf, type Config } from '@baton/platform';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { CapacityReply, toCapacityReply } from './wire/capacity.js';

/** How much may run, how much does, and what waits. */
@ApiTags('operation')
@Controller(['api/v1/workflow-capacity', 'workflow-capacity'])
export class CapacityController {
  constructor(
    private readonly capacity: CapacityReporter,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: CapacityReply, description: 'Limits, what is used and free, and the backlog.' })
  async find(@Tenant() tenantId: string): Promise<CapacityReply> {
    return toCapacityReply(await this.capacity.report(tenantId), keepMsOf(retentionOf(this.config), tenantId));
  }
}
