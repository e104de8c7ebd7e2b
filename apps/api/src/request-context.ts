import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '@baton/platform';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set by the access hook before anything else looks at the request. */
    principal: Principal | null;
    /** Ids that the request is about, for its log line. */
    subject: { task_id?: string | null; run_id?: string | null } | null;
  }
}

/** The tenant of who asks: everything that a request reads or writes belongs to it. */
export const Tenant = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (principal === null) throw new Error('a handler ran for nobody: its route is public and asks for a tenant');
  return principal.tenantId;
});

/** Who asks. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (principal === null) throw new Error('a handler ran for nobody: its route is public and asks who calls');
  return principal;
});

/** Aborts when the caller goes away. */
export function callerGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}
