import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RunStore, toWireEvent, WorkflowStore, type Run } from '@baton/core';
import { EndedRuns, RunPayloads, RunSignaller, RunStarter } from '@baton/engine';
import type { Principal } from '@baton/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { AnswerBound } from './answer-bound.js';
import { Caller, callerGone, Tenant } from './request-context.js';
import { RunAnswers } from './run-answers.js';
import { RunStatuses } from './run-statuses.js';
import { ReasonBody } from './wire/control.js';
import { JournalQuery, JournalReply } from './wire/event.js';
import { pageOf, toPage } from './wire/page.js';
import { ValuesQuery } from './wire/payload.js';
import {
  EndedReply,
  meaningOfStart,
  RunReply,
  RunsQuery,
  StartedReply,
  StartRunBody,
  toRunReply,
  toRunSummary,
} from './wire/run.js';
import { PREFER_WAIT, readIdempotency } from './wire/start-headers.js';
import { ListedRunReply, RunStatusReply } from './wire/status.js';

/** Runs: what became of them, their journals, and their end on demand. */
@ApiTags('runs')
@Controller('api/v1/runs')
export class RunsController {
  constructor(
    private readonly runs: RunStore,
    private readonly workflows: WorkflowStore,
    private readonly starter: RunStarter,
    private readonly signaller: RunSignaller,
    private readonly statuses: RunStatuses,
    private readonly payloads: RunPayloads,
    private readonly answers: RunAnswers,
    private readonly ended: EndedRuns,
    private readonly bound: AnswerBound,
  ) {}

  @Post()
  @Requires('operator', { startsRun: true })
  @HttpCode(202)
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  @ApiHeader({ name: 'Prefer', required: false, description: PREFER_WAIT })
  @ApiResponse({ status: 202, standardSchema: StartedReply, description: 'Accepted: a run that belongs to no task.' })
  @ApiResponse({ status: 200, standardSchema: EndedReply, description: 'With `Prefer: wait=N`: the run has ended.' })
  async start(
    @Body({ schema: StartRunBody }) body: StartRunBody,
    @Headers('idempotency-key') key: string | undefined,
    @Headers('prefer') prefer: string | undefined,
    @Caller() { name: by, tenantId }: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedReply | EndedReply> {
    const { workflow: name, input = null, priority, budget } = body;
    const idempotency = readIdempotency(key, meaningOfStart(body));
    const start = async (): Promise<Run> => {
      const workflow = await this.starter.findRunnable(tenantId, name);
      return this.starter.startWorkflowRun({
        ...{ tenantId, workflow, input, by, idempotency },
        ...(priority !== undefined && { priority }),
        ...(budget !== undefined && { budget }),
      });
    };
    const run = await this.bound.within(start());
    request.subject = { run_id: run.id };
    return this.answers.answer(run, prefer, reply);
  }

  @Get()
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: pageOf(ListedRunReply), description: 'Newest first.' })
  async list(@Query({ schema: RunsQuery }) query: RunsQuery, @Tenant() tenantId: string) {
    const { task_id, status, workflow, parent_id, id_prefix, created_after, created_before, why, limit, cursor } = query;
    const workflowId = workflow === undefined ? undefined : (await this.workflows.find(tenantId, workflow))?.id;
    if (workflow !== undefined && workflowId === undefined) return toPage([], limit, toRunSummary);
    const runs = await this.runs.listRuns({
      tenantId,
      ...(workflowId !== undefined && { workflowId }),
      ...(created_after !== undefined && { createdFrom: created_after }),
      ...(created_before !== undefined && { createdTo: created_before }),
      ...(task_id !== undefined && { taskId: task_id }),
      ...(status !== undefined && { status }),
      ...(parent_id !== undefined && { parentId: parent_id }),
      ...(id_prefix !== undefined && { idPrefix: id_prefix }),
      ...(cursor !== undefined && { before: { createdAt: cursor.createdAt, runId: cursor.id } }),
      limit: limit + 1,
    });
    const shown = why === 'true' ? runs.slice(0, limit) : [];
    const [whys, errors] = await Promise.all([this.statuses.explainLive(shown), this.statuses.errorsOf(shown)]);
    return toPage(runs, limit, (run) => {
      const explained = whys.get(run.id);
      const error = errors.get(run.id);
      return { ...toRunSummary(run), ...(explained !== undefined && { why: explained }), ...(error !== undefined && { error }) };
    });
  }

  @Get(':id')
  @Requires('viewer')
  @ApiResponse({
    status: 200,
    standardSchema: RunStatusReply,
    description: 'How the run stands and why; its result once it has ended.',
  })
  async find(
    @Param('id') id: string,
    @Query({ schema: ValuesQuery }) { values }: ValuesQuery,
    @Tenant() tenantId: string,
  ): Promise<RunStatusReply> {
    const run = await this.statuses.require(tenantId, id);
    const reply = await this.statuses.statusOf(run);
    if (values === 'false') return reply;
    const input = await this.payloads.open(tenantId, run.input);
    return { ...reply, input, output: await this.payloads.open(tenantId, run.output) };
  }

  @Get(':id/journal')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: JournalReply, description: 'Its events in order.' })
  async journal(
    @Param('id') id: string,
    @Query({ schema: JournalQuery }) { after, limit }: JournalQuery,
    @Tenant() tenantId: string,
  ) {
    const run = await this.statuses.require(tenantId, id);
    const events = await this.runs.readJournal(run.id, after, limit);
    return { items: events.map(toWireEvent), next_after: events.length === limit ? events.at(-1)!.seq : null };
  }

  @Post(':id/cancel')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: RunReply, description: 'The run as it ended.' })
  @ApiResponse({ status: 202, standardSchema: RunReply, description: 'The run is told; it has not ended yet.' })
  async cancel(
    @Param('id') id: string,
    @Body({ schema: ReasonBody }) { reason = 'cancelled by a caller' }: ReasonBody,
    @Caller() { name: by, tenantId }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunReply> {
    const ended = await this.signaller.cancel({ tenantId, runId: id, reason, by }, callerGone(reply));
    if (ended !== null) return toRunReply(ended);
    reply.status(202);
    return toRunReply(await this.statuses.require(tenantId, id));
  }

  @Delete(':id')
  @Requires('admin')
  @HttpCode(204)
  @ApiResponse({
    status: 204,
    description: 'There is no such run any more, nor those below it; what they have used stays in the sums.',
  })
  @ApiResponse({ status: 404, description: 'There is no such run.' })
  @ApiResponse({
    status: 409,
    description: 'It, one below it or its parent has not ended: cancel it first. Or its dead letter is open.',
  })
  async remove(@Param('id') id: string, @Tenant() tenantId: string): Promise<void> {
    await this.ended.remove(tenantId, id);
  }
}
