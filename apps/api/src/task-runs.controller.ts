import { applyDecorators, Body, Controller, Headers, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BatonError, type JsonObject, type JsonValue } from '@baton/core';
import { RunStarter, type StartOutcome } from '@baton/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '@baton/platform';
import { Requires } from './access/requires.decorator.js';
import { AnswerBound } from './answer-bound.js';
import { Caller } from './request-context.js';
import { RunAnswers } from './run-answers.js';
import { EndedReply, runLinks, StartedReply } from './wire/run.js';
import { PREFER_WAIT, readIdempotency } from './wire/start-headers.js';
import { RunAgentsBody, StartTaskRunBody } from './wire/task.js';

type StartHeaders = Readonly<Record<'idempotency-key' | 'prefer', string | undefined>>;

const StartsRun = (): MethodDecorator =>
  applyDecorators(
    Requires('operator', { startsRun: true }),
    HttpCode(202),
    ApiHeader({ name: 'Idempotency-Key', required: false }),
    ApiHeader({ name: 'Prefer', required: false, description: PREFER_WAIT }),
    ApiResponse({ status: 202, standardSchema: StartedReply, description: 'Accepted: the run is durable.' }),
    ApiResponse({ status: 200, standardSchema: EndedReply, description: 'With `Prefer: wait=N`: the run has ended.' }),
    ApiResponse({ status: 409, description: 'The task has a live run: `live_run_id`.' }),
  );

/** Starts runs of tasks, never two at once. `/run-agents` is an alias of `/api/v1/tasks/{id}/runs`. */
@ApiTags('runs')
@Controller()
export class TaskRunsController {
  constructor(
    private readonly starter: RunStarter,
    private readonly answers: RunAnswers,
    private readonly bound: AnswerBound,
  ) {}

  @Post('run-agents')
  @StartsRun()
  runAgents(
    @Body({ schema: RunAgentsBody }) { id, ...body }: RunAgentsBody,
    @Headers() headers: StartHeaders,
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedReply | EndedReply> {
    return this.start(caller, id, body, headers, request, reply);
  }

  @Post('api/v1/tasks/:id/runs')
  @StartsRun()
  startRun(
    @Param('id') id: string,
    @Body({ schema: StartTaskRunBody }) body: StartTaskRunBody,
    @Headers() headers: StartHeaders,
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedReply | EndedReply> {
    return this.start(caller, id, body, headers, request, reply);
  }

  private async start(
    { name: by, tenantId }: Principal,
    taskId: string,
    { title, description, input, priority, budget }: StartTaskRunBody,
    headers: StartHeaders,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<StartedReply | EndedReply> {
    request.subject = { task_id: taskId };
    const meaning: JsonValue = [
      ...['start run', taskId, title ?? null, input ?? null],
      ...(priority === undefined ? [] : [priority]),
      ...(budget === undefined ? [] : [budget]),
      ...(typeof description === 'string' ? [{ description }] : []),
    ];
    const started = this.starter.startTaskRun({
      tenantId,
      taskId,
      by,
      ...(title !== undefined && { title }),
      ...(typeof description === 'string' && { description }),
      ...(input !== undefined && { input }),
      ...(priority !== undefined && { priority }),
      ...(budget !== undefined && { budget }),
      idempotency: readIdempotency(headers['idempotency-key'], meaning),
    });
    const outcome = await this.bound.within(started);
    if (outcome.kind === 'conflict') throw alreadyRunning(outcome);
    request.subject = { task_id: taskId, run_id: outcome.run.id };
    if (outcome.replayed) reply.header('idempotency-replayed', 'true');
    return this.answers.answer(outcome.run, headers.prefer, reply);
  }
}

function alreadyRunning({ taskId, liveRunId }: Extract<StartOutcome, { kind: 'conflict' }>): BatonError {
  const run: JsonObject = liveRunId === null ? {} : { live_run_id: liveRunId, links: runLinks({ id: liveRunId, taskId }) };
  return new BatonError('already_running', `The task \`${taskId}\` has a live run.`, { task_id: taskId, ...run });
}
