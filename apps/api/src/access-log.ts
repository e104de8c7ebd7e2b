import type { Logger } from '@baton/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import './request-context.js';

/** Asked again and again by machines: their lines would drown the others. */
const QUIET: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics']);

/** No answer is guessed at or framed. */
export const SAFE_HEADERS = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' };

/** One line for each request, with its id, which the answer carries too, and the ids of what it was about. */
export function logRequests(server: FastifyInstance, log: Logger): void {
  server.decorateRequest('subject', null);
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).headers(SAFE_HEADERS);
    // Told once, so that `once` would only cost.
    reply.raw.on('close', () => writeLine(request, reply, log));
    done();
  });
}

/** Also for a caller that went away before the answer was whole. */
function writeLine(request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const route = request.routeOptions.url ?? null;
  const fields = {
    request_id: request.id,
    method: request.method,
    route,
    status: reply.raw.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    ...request.subject,
  };
  if (route !== null && QUIET.has(route)) log.debug(fields, 'Request');
  else log.info(fields, 'Request');
}
