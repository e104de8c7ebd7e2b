import { Controller, Get, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { RunStore } from '@baton/core';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { RunAnalytics } from './run-analytics.js';
import { AnalyticsListQuery, AnalyticsQuery } from './wire/analytics.js';
import { FlatCostsReply, FlatSummaryReply, FlatWorkflowsReply, toFlatCosts, toFlatSummary } from './wire/analytics-alias.js';

/** Newest runs that are named. */
const RECENT_RUNS = 10;

/** The analytics under their older paths and names. */
@ApiTags('operation')
@Controller('analytics')
export class AnalyticsAliasController {
  constructor(
    private readonly analytics: RunAnalytics,
    private readonly runs: RunStore,
  ) {}

  @Get('summary')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: FlatSummaryReply, description: 'As `/api/v1/analytics/summary`.' })
  async summary(@Query({ schema: AnalyticsQuery }) query: AnalyticsQuery, @Tenant() tenantId: string): Promise<FlatSummaryReply> {
    return toFlatSummary(await this.analytics.summary(tenantId, query));
  }

  @Get('workflows')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: FlatWorkflowsReply, description: 'Runs now, in the period, and the newest.' })
  async workflows(
    @Query({ schema: AnalyticsQuery }) query: AnalyticsQuery,
    @Tenant() tenantId: string,
  ): Promise<FlatWorkflowsReply> {
    const [inPeriod, lately, newest] = await Promise.all([
      this.analytics.summary(tenantId, query),
      this.analytics.summary(tenantId, { interval: 'hour' }),
      this.runs.listRuns({ tenantId, limit: RECENT_RUNS }),
    ]);
    return {
      active_workflows: Object.values(inPeriod.live).reduce((sum, runs) => sum + runs, 0),
      completed_workflows: inPeriod.runs.completed,
      recent_24h: lately.runs.ended,
      recent_task_ids: newest.map((run) => run.taskId ?? run.id),
    };
  }

  @Get('costs')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: FlatCostsReply, description: 'As `/api/v1/analytics/costs`.' })
  async costs(
    @Query({ schema: AnalyticsListQuery }) query: AnalyticsListQuery,
    @Tenant() tenantId: string,
  ): Promise<FlatCostsReply> {
    return toFlatCosts(await this.analytics.costs(tenantId, query));
  }
}
