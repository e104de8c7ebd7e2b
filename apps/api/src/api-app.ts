import { randomUUID } from 'node:crypto';
import multipart from '@fastify/multipart';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { RunStarter } from '@baton/engine';
import { AccessControl, Metrics, NestLogger, PlatformModule, type PlatformOptions } from '@baton/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { logRequests } from './access-log.js';
import { addDoors } from './doors.js';
import { drainOnClose } from './draining.js';
import { guardRoutes, identifyCallers } from './access/access-hook.js';
import { acceptLinkForm } from './approval-page.js';
import { ApiModule } from './api.module.js';
import { mountBullBoard } from './bull-board.js';
import { distinguishBrowsers, mountConsole } from './console.js';
import { opensSocket } from './live/live-target.js';
import { mountDocs } from './openapi.js';
import { refuseOverload, watchLoopDelay } from './pressure.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { ValidationPipe } from './problems/validation.js';
import { RefusalCounts } from './refusal-counts.js';
import { StartGate } from './start-gate.js';
import { refuseUnreadable } from './unreadable-request.js';
import { TurnEnder } from './turn-ender.js';
import { UnreadTime } from './unread-time.js';
import { acceptYaml } from './yaml-body.js';

/** What pages of CORS_ORIGINS may do: all that the API offers, and read the headers that it sets. */
const CORS = {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  exposedHeaders: ['location', 'retry-after', 'idempotency-replayed', 'preference-applied', 'x-request-id'],
};

/** What the process is made of: the platform, the API and what shares it. */
@Module({})
class ApiRoot {}

/**
 * The API, ready to listen: {@link listen}. It closes by `app.close()`, which ends streams and waiting callers first.
 *
 * @param modules what shares its process and its platform: the standalone app adds the worker's module
 * @throws Error when a route names no role, and whatever keeps the platform from starting
 */
export async function createApiApp(
  options: PlatformOptions,
  modules: readonly (DynamicModule | Type)[] = [],
): Promise<NestFastifyApplication> {
  const { config, logger } = options;
  const problems = new ProblemFilter(logger);
  const adapter = new FastifyAdapter({
    bodyLimit: config.maxBodyBytes,
    requestTimeout: config.requestTimeoutMs,
    genReqId: () => randomUUID(),
    return503OnClosing: false,
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => problems.reply(error, request, reply),
    routerOptions: { maxParamLength: 200 },
    http: { shouldUpgradeCallback: opensSocket },
  });
  const server: FastifyInstance = adapter.getInstance();
  distinguishBrowsers(server);
  const platform = PlatformModule.forRoot(options);
  const root = { module: ApiRoot, imports: [platform, ApiModule, ...modules] };
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const refuse = problems.reply.bind(problems);
  identifyCallers(server, app.get(AccessControl));
  const [unread, turns] = [new UnreadTime(), new TurnEnder()];
  server.addHook('onClose', async () => [unread, turns].forEach((part) => part.close()));
  // Before all that a request costs.
  refuseOverload(server, {
    ...{ starter: app.get(RunStarter), gate: new StartGate(config.maxStartDelayMs, () => unread.ms) },
    ...{ loop: await watchLoopDelay(app, config.maxEventLoopDelayMs), counts: new RefusalCounts(app.get(Metrics), logger) },
    turns,
  });
  logRequests(server, logger);
  addDoors(server, config.maxConnections);
  drainOnClose(server, config.shutdownGraceMs);
  guardRoutes(server, refuse);
  server.removeContentTypeParser('text/plain');
  acceptYaml(server, '/api/v1/workflows');
  acceptLinkForm(server);
  app.useGlobalFilters(problems);
  app.useGlobalPipes(new ValidationPipe());
  if (config.corsOrigins.length > 0) app.enableCors({ ...CORS, origin: config.corsOrigins });
  await app.register(multipart, { throwFileSizeLimit: false });
  mountDocs(app);
  await mountBullBoard(app, problems);
  await mountConsole(server);
  await app.init();
  await server.ready();
  return app;
}
