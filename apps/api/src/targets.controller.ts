import { Controller, Get, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { CircuitStore, Clock } from '@baton/core';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { TargetsQuery, TargetsReply, toTargetReply, windowStart } from './wire/target.js';

/** How what nodes call is doing: origins, models, and what node types of one's own name. */
@ApiTags('operation')
@Controller('api/v1/health/targets')
export class TargetsController {
  constructor(
    private readonly circuits: CircuitStore,
    private readonly clock: Clock,
  ) {}

  /** Targets called lately, and those whose calls fail. Workers tell of calls every few seconds, of failures at once. */
  @Get()
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: TargetsReply, description: 'By name.' })
  async list(@Query({ schema: TargetsQuery }) { limit, after }: TargetsQuery, @Tenant() tenantId: string) {
    const now = this.clock.now();
    const page = { limit, ...(after !== undefined && { after }) };
    const targets = await this.circuits.list({ tenantId, since: windowStart(now), ...page });
    return {
      items: targets.map((target) => toTargetReply(target, now)),
      next_after: targets.length === limit ? targets.at(-1)!.circuit.target : null,
    };
  }
}
