import { RouteConfig } from '@nestjs/platform-fastify';
import { applyDecorators } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { Role } from '@baton/core';

/** Who may use a route: everybody, or who has the role (or a higher one). A route that does not say it is refused. */
export type RouteAccess = 'public' | Role;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
    /** Starts a run: refused before its body is read while too much is queued. */
    startsRun?: boolean;
    /** Concerns every tenant. */
    ofAllTenants?: boolean;
  }
}

/** Names the role that a route asks for. */
export function Requires(access: RouteAccess, { startsRun = false } = {}): MethodDecorator {
  const config = RouteConfig({ access, startsRun });
  return access === 'public' ? config : applyDecorators(config, ApiSecurity('token'));
}
