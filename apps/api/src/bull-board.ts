import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter as BoardServer } from '@bull-board/fastify';
import { getQueueToken } from '@nestjs/bullmq';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BatonError, DeadLetterStore, PoolQueue, RunStore, WorkerRegistry } from '@baton/core';
import { BullPoolQueue, RUN_QUEUE } from '@baton/queue';
import type { Queue } from 'bullmq';
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { DeadLetterBoard } from './dead-letter-board.js';
import type { ProblemFilter } from './problems/problem.filter.js';

const PATH = '/admin/queues';

/** Shows the real queues and the open dead letters at `/admin/queues`. The in-process queue has nothing to show; the path says so. Its access is guarded like a route. */
export async function mountBullBoard(app: NestFastifyApplication, problems: ProblemFilter): Promise<void> {
  const pools = app.get(PoolQueue);
  const plugin =
    pools instanceof BullPoolQueue
      ? board(
          app.get<Queue>(getQueueToken(RUN_QUEUE), { strict: false }),
          pools,
          app.get(WorkerRegistry),
          new DeadLetterBoard(app.get(DeadLetterStore), app.get(RunStore)),
        )
      : absent(problems);
  await app.register(plugin, { prefix: PATH });
}

function board(queue: Queue, pools: BullPoolQueue, registry: WorkerRegistry, letters: DeadLetterBoard): FastifyPluginCallback {
  const serverAdapter = new BoardServer();
  serverAdapter.setBasePath(PATH);
  const { addQueue } = createBullBoard({
    queues: [new BullMQAdapter(queue), letters],
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Baton' } },
  });
  const shown = new Set<string>();
  /** Workers come with pools that nobody knew when this process started. */
  const showPools = async (): Promise<void> => {
    for (const pool of (await registry.list()).flatMap((worker) => worker.pools)) {
      if (!shown.has(pool)) addQueue(new BullMQAdapter(pools.bullQueueOf(pool)));
      shown.add(pool);
    }
  };
  const register = serverAdapter.registerPlugin();
  return (server, options, done) => {
    // Without the database the board shows what it knows.
    server.addHook('onRequest', async ({ url }) => (url.includes('/api/') ? showPools().catch(() => undefined) : undefined));
    register(server, options, done);
  };
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
