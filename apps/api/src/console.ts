import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import serveFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Where the build puts the console: beside the compiled apps. */
const CONSOLE_DIR = join(import.meta.dirname, '../../../console');

/** The pages of the console, as its `routes.tsx` has them. Each answers only to who asks for HTML: the API has `/approvals`, too. */
const PAGES = [
  ...['/', '/tasks', '/tasks/:id', '/ask', '/runs', '/runs/:id', '/approvals', '/workflows', '/workflows/:id'],
  ...['/workflows/:id/edit', '/workers', '/dead-letters', '/documents', '/search', '/analytics', '/settings'],
];

const YEAR_S = 31_536_000;

/** Serves the console where it was built: its pages and its files, to everybody. What they show comes from the API, which asks for a token. */
export async function mountConsole(server: FastifyInstance, folder = CONSOLE_DIR): Promise<void> {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) return;
  const html = readFileSync(index);
  const headers = pageHeaders(html.toString('utf8'));
  const page = (_request: FastifyRequest, reply: FastifyReply) => reply.headers(headers).send(html);
  await server.register(serveFiles, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    ...{ decorateReply: false, index: false, preCompressed: true },
    ...{ immutable: true, maxAge: YEAR_S * 1_000 },
  });
  const icon = readFileSync(join(folder, 'favicon.svg'));
  server.get('/favicon.svg', { config: { access: 'public' } }, (_request, reply) =>
    reply.headers({ 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' }).send(icon),
  );
  for (const path of PAGES) server.get(path, { config: { access: 'public' }, constraints: { wants: 'html' } }, page);
}

/**
 * Lets routes be for those who ask for HTML, as a browser does that opens an address: `constraints: { wants: 'html' }`.
 * To be called before any route is registered.
 */
export function distinguishBrowsers(server: FastifyInstance): void {
  server.addConstraintStrategy({
    name: 'wants',
    storage: () => {
      const handlers = new Map<unknown, unknown>();
      return {
        get: (wants: unknown) => (handlers.get(wants) ?? null) as never,
        set: (wants: unknown, handler: unknown) => void handlers.set(wants, handler),
      };
    },
    deriveConstraint: ({ headers }) => (headers.accept?.includes('text/html') === true ? 'html' : undefined),
    validate: () => undefined,
  });
}

/** The page may load what is its own, talk to its own server, and be framed by nobody. Mantine and the editor set styles, hence their exception. */
function pageHeaders(html: string): Record<string, string> {
  const inline = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  const policy = [
    "default-src 'self'",
    `script-src ${["'self'", ...inline].join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-cache',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    vary: 'accept',
  };
}
