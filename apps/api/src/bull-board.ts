import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter as BoardServer } from '@bull-board/fastify';
import { getQueueToken } from '@nestjs/bullmq';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BatonError, RunQueue } from '@baton/core';
import { RUN_QUEUE } from '@baton/queue';
import type { Queue } from 'bullmq';
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemFilter } from './problems/problem.filter.js';

const PATH = '/admin/queues';

/** Shows the real queue at `/admin/queues`. The in-process queue has nothing to show; the path says so. Its access is guarded like a route. */
export async function mountBullBoard(app: NestFastifyApplication, problems: ProblemFilter): Promise<void> {
  const plugin =
    app.get(RunQueue).kind === 'bullmq' ? board(app.get<Queue>(getQueueToken(RUN_QUEUE), { strict: false })) : absent(problems);
  await app.register(plugin, { prefix: PATH });
}

function board(queue: Queue): FastifyPluginCallback {
  const serverAdapter = new BoardServer();
  serverAdapter.setBasePath(PATH);
  createBullBoard({ queues: [new BullMQAdapter(queue)], serverAdapter, options: { uiConfig: { boardTitle: 'Baton' } } });
  return serverAdapter.registerPlugin();
}

function absent(problems: ProblemFilter): FastifyPluginCallback {
  const refuse = (request: FastifyRequest, reply: FastifyReply): void => {
    const remedy = 'Set REDIS_URL (or QUEUE=bullmq) and start Baton again.';
    const detail = 'Bull Board shows BullMQ queues; this process has an in-process queue.';
    problems.reply(new BatonError('not_found', detail, {}, { remedy }), request, reply);
  };
  return (server, _options, done) => {
    server.get('/', refuse);
    server.get('/*', refuse);
    done();
  };
}
