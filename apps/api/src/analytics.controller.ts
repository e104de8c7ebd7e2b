import { Controller, Get, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { RunAnalytics } from './run-analytics.js';
import { AnalyticsListQuery, AnalyticsQuery, CostsReply, SummaryReply, WorkflowsReply } from './wire/analytics.js';

/** How runs ended, how long they took and what they cost: by period and workflow. */
@ApiTags('operation')
@Controller('api/v1/analytics')
export class AnalyticsController {
  constructor(private readonly analytics: RunAnalytics) {}

  @Get('summary')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: SummaryReply, description: 'Figures of the runs that ended in the period.' })
  async summary(@Query({ schema: AnalyticsQuery }) query: AnalyticsQuery, @Tenant() tenantId: string): Promise<SummaryReply> {
    return await this.analytics.summary(tenantId, query);
  }

  @Get('workflows')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: WorkflowsReply, description: 'The same for each workflow.' })
  async workflows(
    @Query({ schema: AnalyticsListQuery }) query: AnalyticsListQuery,
    @Tenant() tenantId: string,
  ): Promise<WorkflowsReply> {
    return await this.analytics.workflows(tenantId, query);
  }

  @Get('costs')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: CostsReply, description: 'What the runs that ended in the period have cost.' })
  async costs(@Query({ schema: AnalyticsListQuery }) query: AnalyticsListQuery, @Tenant() tenantId: string): Promise<CostsReply> {
    return await this.analytics.costs(tenantId, query);
  }
}
