import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BulkRuns, RunForker, RunSignaller, RunTimelines, type Fork } from '@baton/engine';
import type { Principal } from '@baton/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { AnswerBound } from './answer-bound.js';
import { Caller, callerGone, Tenant } from './request-context.js';
import { RunStatuses } from './run-statuses.js';
import {
  BulkBody,
  BulkReply,
  EventBody,
  EventReply,
  ForkBody,
  ForkReply,
  PausedReply,
  ReasonBody,
  ResumedReply,
  toBulkReply,
  toForkReply,
  toPausedReply,
} from './wire/control.js';
import { runPath } from './wire/run.js';
import { readIdempotency } from './wire/start-headers.js';
import { WhyReply } from './wire/status.js';
import { TimelineQuery, TimelineReply, toTimelineReply } from './wire/timeline.js';

/** Control of runs: signals, forks, and why they stand where they stand. */
@ApiTags('control')
@Controller('api/v1/runs')
export class RunControlController {
  constructor(
    private readonly statuses: RunStatuses,
    private readonly signaller: RunSignaller,
    private readonly timelines: RunTimelines,
    private readonly forker: RunForker,
    private readonly bulkRuns: BulkRuns,
    private readonly bound: AnswerBound,
  ) {}

  @Post('bulk')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: BulkReply, description: 'Which runs were told, and which refuse.' })
  async bulk(@Body({ schema: BulkBody }) body: BulkBody, @Caller() { name: by, tenantId }: Principal): Promise<BulkReply> {
    const { action, filter, limit, reason = `${action} by ${by}` } = body;
    const { status, workflow, task_id: taskId, pool, run_ids: runIds } = filter;
    const selection = {
      ...(status !== undefined && { status }),
      ...(workflow !== undefined && { workflow }),
      ...(taskId !== undefined && { taskId }),
      ...(pool !== undefined && { pool }),
      ...(runIds !== undefined && { runIds }),
    };
    return toBulkReply(await this.bulkRuns.execute({ tenantId, action, filter: selection, limit, reason, by }));
  }

  @Post(':id/pause')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: PausedReply, description: 'The run stands.' })
  @ApiResponse({ status: 202, standardSchema: PausedReply, description: 'The run is told; it does not stand yet.' })
  @ApiResponse({ status: 409, description: 'It has ended, or is being undone.' })
  async pause(
    @Param('id') runId: string,
    @Body({ schema: ReasonBody }) { reason = 'paused by a caller' }: ReasonBody,
    @Caller() { name: by, tenantId }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PausedReply> {
    const paused = await this.signaller.pause({ tenantId, runId, reason, by }, callerGone(reply));
    if (paused === null) reply.status(202);
    const run = paused?.run ?? (await this.statuses.require(tenantId, runId));
    return toPausedReply(run, paused, `${runPath(runId)}/resume`);
  }

  @Post(':id/resume')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: ResumedReply, description: 'The run goes on.' })
  @ApiResponse({ status: 202, standardSchema: ResumedReply, description: 'The run is told; it does not go on yet.' })
  @ApiResponse({ status: 409, description: 'It has ended, or is not paused.' })
  async resume(
    @Param('id') runId: string,
    @Body({ schema: ReasonBody }) { reason = 'resumed by a caller' }: ReasonBody,
    @Caller() { name: by, tenantId }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ResumedReply> {
    const resumed = await this.signaller.resume({ tenantId, runId, reason, by }, callerGone(reply));
    if (resumed === null) reply.status(202);
    const { id, status } = resumed ?? (await this.statuses.require(tenantId, runId));
    return { execution_id: id, status };
  }

  @Post(':id/events')
  @Requires('operator')
  @HttpCode(202)
  @ApiResponse({
    status: 202,
    standardSchema: EventReply,
    description: 'For the node that waits for it, or the first that will.',
  })
  async sendEvent(
    @Param('id') runId: string,
    @Body({ schema: EventBody }) { name, payload = null }: EventBody,
    @Tenant() tenantId: string,
  ): Promise<EventReply> {
    const sent = this.signaller.sendEvent(tenantId, runId, { name, payload });
    return { run_id: runId, signal_id: await this.bound.within(sent), name };
  }

  @Post(':id/fork')
  @Requires('operator')
  @HttpCode(202)
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  @ApiResponse({ status: 202, standardSchema: ForkReply, description: 'A new run that keeps what does not depend on the node.' })
  async fork(
    @Param('id') runId: string,
    @Body({ schema: ForkBody }) { from_node: fromNode, input, definition }: ForkBody,
    @Headers('idempotency-key') key: string | undefined,
    @Caller() { name: by, tenantId }: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ForkReply> {
    const forked = this.forker.fork({
      ...{ tenantId, runId, fromNode, by },
      ...(input !== undefined && { input }),
      ...(definition !== undefined && { definition: { format: 'json', json: { definition } } }),
      idempotency: readIdempotency(key, ['fork', runId, fromNode, input ?? null, definition ?? null]),
    });
    const fork = await this.bound.within(forked);
    return this.answer(fork, runId, request, reply);
  }

  @Post(':id/retry')
  @Requires('operator')
  @HttpCode(202)
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  @ApiResponse({ status: 202, standardSchema: ForkReply, description: 'A fork from what failed.' })
  @ApiResponse({ status: 409, description: 'It has not ended, or nothing of it has failed.' })
  async retry(
    @Param('id') runId: string,
    @Headers('idempotency-key') key: string | undefined,
    @Caller() { name: by, tenantId }: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ForkReply> {
    const fork = await this.bound.within(this.forker.retry(tenantId, runId, readIdempotency(key, ['retry', runId]), by));
    return this.answer(fork, runId, request, reply);
  }

  @Get(':id/why')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: WhyReply, description: 'Why the run does not move, in one sentence.' })
  async why(@Param('id') id: string, @Tenant() tenantId: string): Promise<WhyReply> {
    return this.statuses.explain(await this.statuses.require(tenantId, id));
  }

  @Get(':id/timeline')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: TimelineReply, description: 'What happened to each node, and when.' })
  async timeline(
    @Param('id') id: string,
    @Query({ schema: TimelineQuery }) { after, limit, node }: TimelineQuery,
    @Tenant() tenantId: string,
  ): Promise<TimelineReply> {
    const run = await this.statuses.require(tenantId, id);
    const page = node === undefined ? this.timelines.read(run, after, limit) : this.timelines.readNode(run, node);
    return toTimelineReply(run.id, await page);
  }

  private answer(fork: Fork, runId: string, request: FastifyRequest, reply: FastifyReply): ForkReply {
    request.subject = { task_id: fork.run.taskId, run_id: fork.run.id };
    reply.header('location', runPath(fork.run.id));
    if (fork.replayed) reply.header('idempotency-replayed', 'true');
    return toForkReply(fork, runId);
  }
}
