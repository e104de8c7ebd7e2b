import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { RunLogStore } from '@baton/core';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { RunStatuses } from './run-statuses.js';
import { LogsQuery, LogsReply, toLineReply } from './wire/log.js';

/** What the nodes of a run have logged. */
@ApiTags('runs')
@Controller('api/v1/runs')
export class RunLogsController {
  constructor(
    private readonly statuses: RunStatuses,
    private readonly logs: RunLogStore,
  ) {}

  @Get(':id/logs')
  @Requires('viewer')
  @ApiResponse({
    status: 200,
    standardSchema: LogsReply,
    description:
      'In the order of their numbers. Workers write side by side: lines may still come before those of the last seconds. To follow a live run, ask ' +
      'again after a line that was there 6 seconds before the last look, and leave out the numbers that are known.',
  })
  async read(
    @Param('id') id: string,
    @Query({ schema: LogsQuery }) { node, level, after, limit }: LogsQuery,
    @Tenant() tenantId: string,
  ): Promise<LogsReply> {
    const run = await this.statuses.require(tenantId, id);
    const filter = { ...(node !== undefined && { nodeId: node }), ...(level !== undefined && { level }) };
    const lines = await this.logs.read({ tenantId, runId: run.id, ...filter, after, limit });
    return { items: lines.map(toLineReply), next_after: lines.length === limit ? lines.at(-1)!.n : null };
  }
}
