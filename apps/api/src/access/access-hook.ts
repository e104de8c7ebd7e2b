import { BatonError, DEFAULT_TENANT } from '@baton/core';
import { hasRole, type AccessControl, type Principal } from '@baton/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { RouteAccess } from './requires.decorator.js';

/** Routes that libraries bring, by the path under which they are mounted; the files of the console hold nothing that is secret. `*` is where CORS leaves what is no preflight. */
const MOUNTED: Readonly<Record<string, RouteAccess>> = {
  '/admin/queues': 'admin',
  '/docs': 'viewer',
  '/assets': 'public',
  '*': 'viewer',
};

/** Shows what belongs to every tenant, and lets it be stopped: only for the tenant that runs the deployment. */
const OF_ALL_TENANTS = '/admin/queues';

declare module 'fastify' {
  interface FastifyRequest {
    /** Why the request may not go on; null: it may. */
    denial: BatonError | null;
  }
  interface FastifyInstance {
    /** What a principal's role lets it call to change something: see {@link MeReply}. */
    operationsOf(this: void, principal: Principal): string[];
  }
}

const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Finds out who asks and whether they may, for every route of the server, whoever registered it: the first thing that is asked of a request.
 * What is not allowed is refused by {@link guardRoutes}.
 *
 * The decision is made on the route that the router has matched, never on the text of the path, so no spelling of a path leads around
 * it. What the router does not know needs a token too: nobody learns without one which routes there are.
 */
export function identifyCallers(server: FastifyInstance, access: AccessControl): void {
  const routes: RouteOptions[] = [];
  server.decorateRequest('principal', null);
  server.decorateRequest('denial', null);
  server.decorate('operationsOf', (principal) => operationsOf(principal, routes));
  server.addHook('onRoute', (route) => {
    const mounted = mountedAccess(route.url);
    if (mounted !== undefined) {
      route.config = { ...route.config, access: mounted, ofAllTenants: route.url.startsWith(OF_ALL_TENANTS) };
    }
    routes.push(route);
  });
  server.addHook('onReady', (done) => {
    const open = routes
      .filter((route) => route.config?.access === undefined)
      .map((route) => `${String(route.method)} ${route.url}`);
    done(open.length === 0 ? undefined : new Error(`these routes name no role: ${open.join(', ')}`));
  });
  server.addHook('onRequest', (request, _reply, done) => {
    request.denial = refusal(request, access) ?? null;
    done();
  });
}

/** Refuses what {@link identifyCallers} has found not to be allowed, before a body is read. */
export function guardRoutes(
  server: FastifyInstance,
  refuse: (error: BatonError, request: FastifyRequest, reply: FastifyReply) => void,
): void {
  server.addHook('onRequest', ({ denial }, reply, done) => {
    // Answered here and now: a mounted page may bring an error handler of its own.
    if (denial === null) done();
    else refuse(denial, reply.request, reply);
  });
}

/** The role that a mounted page asks for; undefined for a path that no library is mounted under. */
function mountedAccess(url: string): RouteAccess | undefined {
  return Object.entries(MOUNTED).find(([path]) => url === path || url.startsWith(`${path}/`) || url.startsWith(`${path}-`))?.[1];
}

/** As the description of the API spells them: `POST /api/v1/runs/{id}/cancel`. What libraries bring is not among them. */
function operationsOf(principal: Principal, routes: readonly RouteOptions[]): string[] {
  return routes.flatMap(({ method, url, config }) => {
    const access = config?.access;
    if (access === undefined || mountedAccess(url) !== undefined) return [];
    if (access !== 'public' && !hasRole(principal, access)) return [];
    const path = url.replaceAll(/:(\w+)/g, '{$1}');
    return [method].flat().flatMap((one) => (CHANGING.has(one) ? [`${one} ${path}`] : []));
  });
}

/** Why the request may not go on, if so. Sets who asks. */
function refusal(request: FastifyRequest, access: AccessControl): BatonError | undefined {
  const { access: required, ofAllTenants } = request.is404 ? {} : request.routeOptions.config;
  // Where there are tokens, a probe may come by any name: it knows this process by its address.
  if (required === 'public' && !access.isOpen) return undefined;
  const { host, origin } = request.headers;
  const foreign = access.checkHost({ host, origin, localPort: request.socket.localPort });
  if (foreign !== null) return new BatonError('forbidden', foreign);
  if (required === 'public') return undefined;
  request.principal = access.authenticate(request.headers.authorization);
  if (request.principal === null) return new BatonError('unauthenticated', 'This needs a token.');
  if (request.is404) return undefined;
  if (required === undefined) return new BatonError('forbidden', 'This route is open to nobody.');
  if (!hasRole(request.principal, required)) return new BatonError('forbidden', `This needs the role \`${required}\`.`);
  if (ofAllTenants !== true || request.principal.tenantId === DEFAULT_TENANT) return undefined;
  return new BatonError('forbidden', `This is about all tenants: it needs a token of the tenant \`${DEFAULT_TENANT}\`.`);
}
