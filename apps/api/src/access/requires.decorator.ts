import { RouteConfig } from '@nestjs/platform-fastify';
import { applyDecorators } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { Role } from '@baton/platform';

/** Who may use a route: everybody, or who has the role (or a higher one). A route that does not say it is refused. */
export type RouteAccess = 'public' | Role;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
    /** Concerns every tenant. */
    ofAllTenants?: boolean;
  }
}

/** Names the role that a route asks for. */
export function Requires(access: RouteAccess): MethodDecorator {
  const config = RouteConfig({ access });
  return access === 'public' ? config : applyDecorators(config, ApiSecurity('token'));
}
