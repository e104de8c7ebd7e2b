import { Controller, Get, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { Clock, UsageStore, WorkflowStore } from '@baton/core';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { periodOf, toUsageReply, UsageQuery, UsageReply } from './wire/usage.js';

/** What calls of models have used: tokens and money. */
@ApiTags('operation')
@Controller('api/v1/usage')
export class UsageController {
  constructor(
    private readonly store: UsageStore,
    private readonly workflows: WorkflowStore,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: UsageReply, description: 'Sums of the tenant, by what is asked for.' })
  async sum(@Query({ schema: UsageQuery }) query: UsageQuery, @Tenant() tenantId: string): Promise<UsageReply> {
    const { group_by: groupBy, workflow, run_id: runId, agent, model, limit } = query;
    const period = periodOf(query, this.clock.now());
    const workflowId = workflow === undefined ? undefined : (await this.workflows.find(tenantId, workflow))?.id;
    if (workflow !== undefined && workflowId === undefined) return toUsageReply(period, [], undefined, limit);
    const filters = {
      ...{ tenantId, ...period },
      ...(workflowId !== undefined && { workflowId }),
      ...(runId !== undefined && { runId }),
      ...(agent !== undefined && { agent }),
      ...(model !== undefined && { model }),
    };
    const [sums, [total]] = await Promise.all([
      this.store.sum({ ...filters, groupBy, limit: limit + 1 }),
      this.store.sum({ ...filters, groupBy: [], limit: 1 }),
    ]);
    return toUsageReply(period, sums, total, limit);
  }
}
