import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fastify, type FastifyInstance } from 'fastify';
import { distinguishBrowsers, mountConsole } from './console.js';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const PAGE = '<!doctype html><script>dark()</script><script type="module" src="/assets/main-1.js"></script>';
const CODE = 'export const main = 1;';

describe('the console', () => {
  let folder: string;
  let server: FastifyInstance;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'baton-console-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), PAGE);
    writeFileSync(join(folder, 'favicon.svg'), '<svg/>');
    writeFileSync(join(folder, 'assets', 'main-1.js'), CODE);
    writeFileSync(join(folder, 'assets', 'main-1.js.gz'), gzipSync(CODE));
    server = fastify();
    distinguishBrowsers(server);
    server.get('/approvals', () => ({ items: [] }));
    await mountConsole(server, folder);
    await server.ready();
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const get = (url: string, headers: Record<string, string> = {}) => server.inject({ method: 'GET', url, headers });

  it('is the same page at each of its addresses, for browsers alone', async () => {
    for (const url of ['/', '/runs', '/runs/r1', '/workflows/w1/edit', '/approvals', '/settings']) {
      const { statusCode, body } = await get(url, HTML);
      expect([url, statusCode, body]).toEqual([url, 200, PAGE]);
    }
    for (const url of ['/api/v1/runs', '/metrics', '/docs', '/admin/queues', '/nowhere', '/runs/r1/x'])
      expect((await get(url, HTML)).statusCode).toBe(404);
    expect((await get('/runs')).statusCode).toBe(404);
    expect((await get('/approvals', { accept: 'application/json' })).json()).toEqual({ items: [] });
  });

  it('runs its own scripts alone, and is framed by nobody', async () => {
    const { headers } = await get('/', HTML);
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/script-src 'self' 'sha256-[\w+/=]{44}';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(headers['cache-control']).toBe('no-cache');
  });

  it('keeps its files for a year, compressed for who takes that', async () => {
    const { headers, rawPayload } = await get('/assets/main-1.js', { 'accept-encoding': 'gzip' });
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'cache-control': 'public, max-age=31536000, immutable' });
    expect(rawPayload).toEqual(gzipSync(CODE));
    expect((await get('/assets/main-1.js')).body).toBe(CODE);
    for (const url of ['/assets/../index.html', '/assets/%2e%2e/index.html', '/assets/main-2.js', '/assets/'])
      expect((await get(url, HTML)).statusCode).not.toBe(200);
  });
});
