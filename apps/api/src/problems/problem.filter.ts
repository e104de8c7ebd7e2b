import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { BatonError, type ErrorCode, type Logger } from '@baton/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toProblem } from './problem.js';

/** What Nest and Fastify themselves refuse, by status: unknown routes, broken JSON, too large bodies, wrong content types. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'not_found',
  408: 'invalid_request',
  413: 'payload_too_large',
  414: 'invalid_request',
  415: 'unsupported_media_type',
  429: 'overloaded',
  503: 'overloaded',
};

/** Answers every error as `application/problem+json`. What nobody foresaw is logged with its stack and told without it. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.reply(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  reply(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = toBatonError(thrown, request);
    if (error.code === 'internal') this.log.error({ err: thrown, request_id: request.id }, 'A request failed unexpectedly');
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    const { status, headers, body } = toProblem(error, { path: pathOf(request), id: request.id });
    void reply.status(status).headers(headers).send(JSON.stringify(body));
  }
}

function toBatonError(thrown: unknown, request: FastifyRequest): BatonError {
  if (thrown instanceof BatonError) return thrown;
  const status = statusOf(thrown);
  const code = CODE_OF_STATUS[status] ?? (status < 500 ? 'invalid_request' : 'internal');
  switch (code) {
    case 'internal':
      return new BatonError(code, 'Something failed that should not.', {}, { cause: thrown });
    case 'not_found':
      return new BatonError(code, `${request.method} ${pathOf(request)} is not served here.`);
    default:
      return new BatonError(code, (thrown as Error).message);
  }
}

function statusOf(thrown: unknown): number {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const status = thrown instanceof Error ? (thrown as Error & { statusCode?: unknown }).statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}
