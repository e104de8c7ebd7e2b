import type { Logger } from '@baton/core';
import type { FastifyInstance } from 'fastify';
import './request-context.js';

/** Asked again and again by machines: their lines would drown the others. */
const QUIET: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics']);

/** One line for each request, with its id, which the answer carries too, and the ids of what it was about. */
export function logRequests(server: FastifyInstance, log: Logger): void {
  server.decorateRequest('subject', null);
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? null;
    const fields = {
      request_id: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...request.subject,
    };
    if (route !== null && QUIET.has(route)) log.debug(fields, 'Request');
    else log.info(fields, 'Request');
    done();
  });
}
