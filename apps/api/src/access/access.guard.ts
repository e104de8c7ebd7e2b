import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { hasRole } from '@baton/platform';
import type { FastifyRequest } from 'fastify';

/**
 * The second net behind {@link guardRoutes}: a handler runs only for a route that says who may use it, and for somebody who may.
 * It holds even if the server once routes a request past its hooks.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { principal, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
    const required = routeOptions.config.access;
    if (required === undefined) return false;
    return required === 'public' || (principal !== null && hasRole(principal, required));
  }
}
