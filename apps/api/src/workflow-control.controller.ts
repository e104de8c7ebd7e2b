import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { ExecutionFinder, RunSignaller } from '@baton/engine';
import type { Principal } from '@baton/platform';
import type { FastifyReply } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { Caller, callerGone, Tenant } from './request-context.js';
import { RunStatuses } from './run-statuses.js';
import { PausedReply, ReasonBody, ResumedReply, toPausedReply } from './wire/control.js';
import { ExecutionStatusReply, toExecutionStatus } from './wire/status.js';

/** Control of executions by workflow: `{id}` is a run, or a workflow (id or name) with one live run. */
@ApiTags('control')
@Controller('api/v1/workflows')
export class WorkflowControlController {
  constructor(
    private readonly finder: ExecutionFinder,
    private readonly statuses: RunStatuses,
    private readonly signaller: RunSignaller,
  ) {}

  @Get(':id/status')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: ExecutionStatusReply, description: 'Of a workflow: its newest run.' })
  async status(@Param('id') id: string, @Tenant() tenantId: string): Promise<ExecutionStatusReply> {
    const run = await this.finder.findNewest(tenantId, id);
    return toExecutionStatus(run, await this.statuses.statusOf(run));
  }

  @Post(':id/pause')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: PausedReply, description: 'The run stands.' })
  @ApiResponse({ status: 202, standardSchema: PausedReply, description: 'The run is told; it does not stand yet.' })
  @ApiResponse({ status: 409, description: 'No live run, several (`runs`), or none that can be paused.' })
  async pause(
    @Param('id') id: string,
    @Body({ schema: ReasonBody }) { reason = 'paused by a caller' }: ReasonBody,
    @Caller() { name: by, tenantId }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PausedReply> {
    const runId = await this.finder.findOnlyLive(tenantId, id);
    const paused = await this.signaller.pause({ tenantId, runId, reason, by }, callerGone(reply));
    if (paused === null) reply.status(202);
    const run = paused?.run ?? (await this.statuses.require(tenantId, runId));
    return toPausedReply(run, paused, `/api/v1/workflows/${encodeURIComponent(runId)}/resume`);
  }

  @Post(':id/resume')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: ResumedReply, description: 'The run goes on.' })
  @ApiResponse({ status: 202, standardSchema: ResumedReply, description: 'The run is told; it does not go on yet.' })
  @ApiResponse({ status: 409, description: 'No live run, several (`runs`), or none that is paused.' })
  async resume(
    @Param('id') id: string,
    @Body({ schema: ReasonBody }) { reason = 'resumed by a caller' }: ReasonBody,
    @Caller() { name: by, tenantId }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ResumedReply> {
    const runId = await this.finder.findOnlyLive(tenantId, id);
    const resumed = await this.signaller.resume({ tenantId, runId, reason, by }, callerGone(reply));
    if (resumed === null) reply.status(202);
    const { status } = resumed ?? (await this.statuses.require(tenantId, runId));
    return { execution_id: runId, status };
  }

  @Post(':id/cancel')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: ResumedReply, description: 'The run has ended.' })
  @ApiResponse({ status: 202, standardSchema: ResumedReply, description: 'The run is told; it has not ended yet.' })
  @ApiResponse({ status: 409, description: 'No live run, or several (`runs`).' })
  async cancel(
    @Param('id') id: string,
    @Body({ schema: ReasonBody }) { reason = 'cancelled by a caller' }: ReasonBody,
    @Caller() { name: by, tenantId }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ResumedReply> {
    const runId = await this.finder.findOnlyLive(tenantId, id);
    const ended = await this.signaller.cancel({ tenantId, runId, reason, by }, callerGone(reply));
    if (ended === null) reply.status(202);
    const { status } = ended ?? (await this.statuses.require(tenantId, runId));
    return { execution_id: runId, status };
  }
}
