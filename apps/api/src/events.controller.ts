import { applyDecorators, Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BatonError, isTerminal, RunStore, TaskStore } from '@baton/core';
import { RunWatcher } from '@baton/engine';
import type { FastifyReply } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { EventStreams } from './event-streams.js';
import { OrchestrationFeed } from './orchestration-feed.js';
import { invalidRequest } from './problems/validation.js';
import { Tenant } from './request-context.js';
import { EventPositionText, StreamQuery, type EventPosition } from './wire/event.js';

const Streams = (): MethodDecorator =>
  applyDecorators(
    Requires('viewer'),
    ApiHeader({ name: 'Last-Event-ID', required: false, description: '`<run_id>.<seq>`: go on after this event.' }),
    ApiProduces('text/event-stream'),
    ApiResponse({ status: 200, description: 'Events from the journal, each once and in order.', schema: { type: 'string' } }),
  );

/** Live events as Server-Sent Events, read from the journal: whichever process answers, the stream is the same. */
@ApiTags('events')
@Controller()
export class EventsController {
  constructor(
    private readonly watcher: RunWatcher,
    private readonly runs: RunStore,
    private readonly tasks: TaskStore,
    private readonly streams: EventStreams,
    private readonly orchestration: OrchestrationFeed,
  ) {}

  /** Ends after the run's last event; a client that comes back after it is told to stay away (204). */
  @Get('api/v1/runs/:id/events')
  @Streams()
  async run(
    @Param('id') id: string,
    @Query({ schema: StreamQuery }) query: StreamQuery,
    @Headers('last-event-id') header: string | undefined,
    @Tenant() tenantId: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const run = await this.runs.findRun(id);
    if (run === null || run.tenantId !== tenantId) {
      throw new BatonError('run_not_found', `There is no run \`${id}\`.`, { run_id: id });
    }
    const position = readPosition(header, query);
    if (position !== null && position.runId !== id) throw notOfThis('run');
    const afterSeq = position?.seq ?? 0;
    if (isTerminal(run.status) && run.seq <= afterSeq) return void reply.status(204).send();
    await this.streams.send(reply, (signal) => this.watcher.followRun(id, afterSeq, signal), this.options(query, id));
  }

  /** Goes on with each next run of the task. */
  @Get('events/tasks/:id')
  @Streams()
  async task(
    @Param('id') id: string,
    @Query({ schema: StreamQuery }) query: StreamQuery,
    @Headers('last-event-id') header: string | undefined,
    @Tenant() tenantId: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const task = await this.tasks.find(tenantId, id);
    if (task === null) throw new BatonError('task_not_found', `There is no task \`${id}\`.`, { task_id: id });
    const position = readPosition(header, query);
    if (position !== null && (await this.runs.findRun(position.runId))?.taskId !== id) throw notOfThis('task');
    const options = this.options(query, task.liveRunId);
    await this.streams.send(reply, (signal) => this.watcher.followTask(task, position, signal), options);
  }

  private options({ format, tokens }: StreamQuery, runId: string | null) {
    return {
      ...(format === 'orchestration' && { toFrames: this.orchestration.open() }),
      ...(tokens === 'true' && { tokensOf: runId }),
    };
  }
}

/** The header, which a browser sends when it comes back, goes before the query, which it repeats. */
function readPosition(header: string | undefined, query: StreamQuery): EventPosition | null {
  if (header === undefined || header === '') return query.last_event_id ?? null;
  const parsed = EventPositionText.safeParse(header);
  if (parsed.success) return parsed.data;
  throw invalidRequest([{ pointer: '/headers/last-event-id', message: parsed.error.issues[0]!.message }]);
}

function notOfThis(what: string): BatonError {
  return invalidRequest([{ pointer: '/headers/last-event-id', message: `must be the id of an event of this ${what}` }]);
}
