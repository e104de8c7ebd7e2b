import { Body, Controller, Get, Headers, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BatonError, Clock, RunStore, TaskStore, toWireEvent, type Task } from '@baton/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { ActivitiesReply, ActivityQuery, formatPosition } from './wire/event.js';
import { pageOf, toPage } from './wire/page.js';
import { toRunReply } from './wire/run.js';
import { readIdempotency } from './wire/start-headers.js';
import {
  LocksReply,
  NewTaskBody,
  taskPath,
  TaskDetailReply,
  TaskReply,
  TasksQuery,
  toLockReply,
  toTaskReply,
} from './wire/task.js';

/** How many entries of a task's lock history are shown, newest first. */
const LOCKS_SHOWN = 200;

/** Tasks. `/api/tasks…` is an alias of `/api/v1/tasks…`. */
@ApiTags('tasks')
@Controller(['api/v1/tasks', 'api/tasks'])
export class TasksController {
  constructor(
    private readonly tasks: TaskStore,
    private readonly runs: RunStore,
    private readonly clock: Clock,
  ) {}

  @Post()
  @Requires('operator')
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  @ApiResponse({ status: 201, standardSchema: TaskReply, description: 'The task is kept.' })
  async create(
    @Body({ schema: NewTaskBody }) body: NewTaskBody,
    @Headers('idempotency-key') key: string | undefined,
    @Tenant() tenantId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TaskReply> {
    const { title, description = null, input = null } = body;
    const outcome = await this.tasks.create({
      id: uuidv7(),
      tenantId,
      title,
      description,
      input,
      at: this.clock.now(),
      idempotency: readIdempotency(key, ['create task', title, description, input]),
    });
    if (outcome.kind === 'key_reused') {
      throw new BatonError('idempotency_key_reused', 'The Idempotency-Key belongs to another request.', {
        task_id: outcome.taskId,
      });
    }
    request.subject = { task_id: outcome.task.id };
    reply.header('location', taskPath(outcome.task.id));
    if (outcome.kind === 'replayed') reply.header('idempotency-replayed', 'true');
    return toTaskReply(outcome.task);
  }

  @Get()
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: pageOf(TaskReply), description: 'Newest first.' })
  async list(@Query({ schema: TasksQuery }) { status, title_prefix, limit, cursor }: TasksQuery, @Tenant() tenantId: string) {
    const tasks = await this.tasks.list(tenantId, {
      limit: limit + 1,
      filter: { ...(status !== undefined && { status }), ...(title_prefix !== undefined && { titlePrefix: title_prefix }) },
      ...(cursor !== undefined && { before: cursor }),
    });
    return toPage(tasks, limit, toTaskReply);
  }

  @Get(':id')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: TaskDetailReply, description: 'The task with its live run, or else its last.' })
  async find(@Param('id') id: string, @Tenant() tenantId: string) {
    const task = await this.require(tenantId, id);
    const runId = task.liveRunId ?? task.lastRunId;
    const run = runId === null ? null : await this.runs.findRun(runId);
    return { ...toTaskReply(task), run: run === null ? null : toRunReply(run) };
  }

  @Get(':id/locks')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: LocksReply, description: 'The history of the task’s lock, newest first.' })
  async locks(@Param('id') id: string, @Tenant() tenantId: string) {
    const task = await this.require(tenantId, id);
    const records = await this.tasks.lockHistory(tenantId, task.id, LOCKS_SHOWN);
    return { items: records.map(toLockReply) };
  }

  @Get(':id/activities')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: ActivitiesReply, description: 'The journals of its runs, oldest first.' })
  async activities(
    @Param('id') id: string,
    @Query({ schema: ActivityQuery }) { after, limit }: ActivityQuery,
    @Tenant() tenantId: string,
  ) {
    const task = await this.require(tenantId, id);
    const page = { limit, ...(after !== undefined && { afterRunId: after.runId, afterSeq: after.seq }) };
    const events = await this.tasks.activities(tenantId, task.id, page);
    const last = events.at(-1);
    return {
      items: events.map(toWireEvent),
      next_after: last !== undefined && events.length === limit ? formatPosition(last) : null,
    };
  }

  private async require(tenantId: string, id: string): Promise<Task> {
    const task = await this.tasks.find(tenantId, id);
    if (task === null) throw new BatonError('task_not_found', `There is no task \`${id}\`.`, { task_id: id });
    return task;
  }
}
