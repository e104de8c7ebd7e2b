import { afterAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROLES } from '@baton/core';
import { eventually } from '../../../test/support/eventually.js';
import { AccessControl, hasRole } from './access.js';
import { loadConfig, type Environment } from './config.js';

const dir = mkdtempSync(join(tmpdir(), 'baton-access-'));
afterAll(() => rmSync(dir, { recursive: true }));

const VIEWER = 'viewer-token-0001';
const ADMIN = 'admin-token-00001';
const ALICE = 'alice-token-00001';
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const accessWith = (environment: Environment): AccessControl =>
  AccessControl.load(loadConfig('api', { REDIS_URL: 'redis://r', ...environment }));

function rbacFile(content: unknown): string {
  const path = join(dir, `${Math.random()}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('roles', () => {
  it('rise: each has the rights of those before it', () => {
    const rights = ROLES.map((role) => ROLES.filter((required) => hasRole({ name: 'n', role, tenantId: 't' }, required)));
    expect(rights).toEqual([['viewer'], ['viewer', 'operator'], ['viewer', 'operator', 'admin']]);
  });
});

describe('tokens', () => {
  const access = accessWith({
    API_TOKEN_VIEWER: VIEWER,
    API_TOKEN_ADMIN: ADMIN,
    RBAC_FILE: rbacFile({ tokens: [{ name: 'alice', role: 'operator', tenant: 'acme', sha256: hashOf(ALICE).toUpperCase() }] }),
  });

  it.each([
    [`Bearer ${VIEWER}`, { name: 'viewer', role: 'viewer', tenantId: 'default' }],
    [`bearer   ${ADMIN} `, { name: 'admin', role: 'admin', tenantId: 'default' }],
    [`Bearer ${ALICE}`, { name: 'alice', role: 'operator', tenantId: 'acme' }],
    [`Basic ${Buffer.from(`anyone:${ALICE}`).toString('base64')}`, { name: 'alice', role: 'operator', tenantId: 'acme' }],
  ])('%s is known', (header, principal) => {
    expect(access.authenticate(header)).toEqual(principal);
  });

  it.each([
    ...[
      undefined,
      '',
      'Bearer',
      'Bearer ',
      `Bearer ${ADMIN}x`,
      `Bearer ${ADMIN.slice(1)}`,
      `Bearer ${ADMIN.toUpperCase()}`,
      ADMIN,
    ],
    ...[`Bearer${ADMIN}`, `Token ${ADMIN}`, `Bearer ${ADMIN}, Bearer ${ADMIN}`, `Bearer ${hashOf(ADMIN)}`, ` Bearer ${ADMIN}`],
    ...[
      `Basic ${ADMIN}`,
      `Basic ${Buffer.from(ADMIN).toString('base64')}`,
      `Basic ${Buffer.from(`${ADMIN}:`).toString('base64')}`,
    ],
    ...['Basic ====', `Bearer ${ADMIN}\n`],
  ])('%j is nobody', (header) => {
    expect(access.authenticate(header)).toBeNull();
  });

  it('are not asked for where none is configured', () => {
    expect(accessWith({}).isOpen).toBe(true);
    expect(accessWith({}).authenticate(undefined)).toEqual({ name: 'local', role: 'admin', tenantId: 'default' });
    expect(access.isOpen).toBe(false);
  });

  it.each([
    ['{', /not readable JSON/],
    [{ tokens: [] }, /RBAC_FILE \/tokens/],
    [{ tokens: [{ name: 'a', role: 'root', sha256: hashOf('a') }] }, /RBAC_FILE \/tokens\/0\/role/],
    [{ tokens: [{ name: 'a', role: 'admin', sha256: 'plain-text-token' }] }, /RBAC_FILE \/tokens\/0\/sha256: must be 64 hex/],
    [{ tokens: [{ name: 'a', role: 'admin', token: 'x' }] }, /RBAC_FILE/],
  ])('in the file %j are refused', (content, message) => {
    expect(() => accessWith({ RBAC_FILE: rbacFile(content) })).toThrow(message);
  });

  it('need the file that is named', () => {
    expect(() => accessWith({ RBAC_FILE: join(dir, 'absent.json') })).toThrow(/absent\.json/);
  });
});

describe('tokens of a file that changes', () => {
  const known = (access: AccessControl, token: string): boolean => access.authenticate(`Bearer ${token}`) !== null;
  const entryOf = (name: string, token: string) => ({ name, role: 'viewer', sha256: hashOf(token) });

  it('are those that it names now; what is not valid changes nothing', async () => {
    const path = rbacFile({ tokens: [entryOf('viewer', VIEWER), entryOf('alice', ALICE)] });
    const access = accessWith({ RBAC_FILE: path });
    const alice = access.tokenIdOf(access.authenticate(`Bearer ${ALICE}`)!);
    expect(access.findByTokenId(alice)).toMatchObject({ name: 'alice' });
    let refused = 0;
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => (refused += 1) };
    const stop = access.watch(log);
    writeFileSync(path, JSON.stringify({ tokens: [entryOf('viewer', VIEWER), entryOf('admin', ADMIN)] }));
    await eventually(() => known(access, ADMIN), 'the file is read again');
    expect([known(access, VIEWER), known(access, ALICE), access.findByTokenId(alice)]).toEqual([true, false, null]);
    writeFileSync(path, 'nothing of the kind');
    await eventually(() => refused > 0, 'it is refused');
    expect([known(access, VIEWER), known(access, ADMIN)]).toEqual([true, true]);
    stop();
  }, 30_000);

  it('stay as they were while it cannot be looked at', async () => {
    const path = rbacFile({ tokens: [entryOf('viewer', VIEWER)] });
    const access = accessWith({ RBAC_FILE: path });
    let refused = 0;
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => (refused += 1) };
    const stop = access.watch(log);
    rmSync(path);
    symlinkSync(path, path);
    await eventually(() => refused > 0, 'it is refused');
    expect(known(access, VIEWER)).toBe(true);
    rmSync(path);
    writeFileSync(path, JSON.stringify({ tokens: [entryOf('admin', ADMIN)] }));
    await eventually(() => known(access, ADMIN), 'the file is read again');
    stop();
  }, 30_000);
});

describe('host and origin without tokens', () => {
  const access = accessWith({});
  const check = (host: string | undefined, origin?: string): string | null => access.checkHost({ host, origin, localPort: 8001 });

  it.each(['localhost:8001', 'LOCALHOST:8001', 'localhost.:8001', '127.0.0.1:8001', '127.0.0.2:8001', '[::1]:8001'])(
    'the host %s passes',
    (host) => {
      expect(check(host)).toBeNull();
    },
  );

  it.each([
    ...[undefined, '', 'evil.example', 'evil.example:8001', 'localhost', 'localhost:8002', 'localhost:08001', 'localhost:'],
    ...[
      'localhost.evil.example:8001',
      '127.0.0.1.evil.example:8001',
      '127.1:8001',
      '2130706433:8001',
      '0.0.0.0:8001',
      '[::]:8001',
    ],
    ...['[::ffff:127.0.0.1]:8001', 'localhost:8001@evil.example', 'evil.example@localhost:8001', 'localhost:8001, evil.example'],
  ])('the host %j is refused', (host) => {
    expect(check(host)).toMatch(/ALLOWED_HOSTS/);
  });

  it.each(['http://localhost:8001', 'http://127.0.0.1:8001', 'http://[::1]:8001'])('the origin %s passes', (origin) => {
    expect(check('localhost:8001', origin)).toBeNull();
  });

  it.each([
    'http://evil.example',
    'null',
    '',
    'http://localhost:3000',
    'http://localhost',
    'http://localhost:8001.evil.example',
    'file://',
  ])('the origin %j is refused', (origin) => {
    expect(check('localhost:8001', origin)).toMatch(/CORS_ORIGINS/);
  });

  it('port 80 may go unsaid', () => {
    expect(access.checkHost({ host: 'localhost', origin: undefined, localPort: 80 })).toBeNull();
  });

  it('allowed hosts and origins pass', () => {
    const lists = { ALLOWED_HOSTS: 'baton.internal, localhost:9000', CORS_ORIGINS: 'https://console.example' };
    const opened = accessWith({ ...lists, API_TOKEN_ADMIN: ADMIN });
    expect(() => accessWith(lists)).toThrow(/ALLOWED_HOSTS: .* set API_TOKEN_ADMIN or RBAC_FILE first/);
    const passes = (host: string, origin?: string): boolean => opened.checkHost({ host, origin, localPort: 8001 }) === null;
    expect(passes('Baton.Internal:8443')).toBe(true);
    expect(passes('localhost:9000')).toBe(true);
    expect(passes('localhost:8001')).toBe(true);
    expect(passes('localhost:9001')).toBe(false);
    expect(passes('baton.internal.evil.example')).toBe(false);
    expect(passes('localhost:8001', 'https://console.example')).toBe(true);
    expect(passes('localhost:8001', 'https://console.example.evil')).toBe(false);
    expect(passes('localhost:8001', 'http://console.example')).toBe(false);
  });
});

describe('host and origin with tokens', () => {
  const access = accessWith({ API_TOKEN_ADMIN: ADMIN, HOST: '0.0.0.0' });
  const check = (host: string, origin?: string): string | null => access.checkHost({ host, origin, localPort: 8001 });

  it('every host passes: the token decides', () => {
    expect(check('baton.example')).toBeNull();
  });

  it('a page of the same host passes, another does not', () => {
    expect(check('baton.example', 'https://baton.example')).toBeNull();
    expect(check('baton.example:8001', 'http://baton.example:8001')).toBeNull();
    expect(check('baton.example', 'https://evil.example')).toMatch(/CORS_ORIGINS/);
    expect(check('baton.example', 'https://baton.example:8443')).toMatch(/CORS_ORIGINS/);
  });

  it('ALLOWED_HOSTS confines them', () => {
    const confined = accessWith({ API_TOKEN_ADMIN: ADMIN, ALLOWED_HOSTS: 'baton.example' });
    expect(confined.checkHost({ host: 'other.example', origin: undefined, localPort: 8001 })).toMatch(/ALLOWED_HOSTS/);
  });
});

describe('the sample file', () => {
  const sample = join(import.meta.dirname, '../../../agents/rbac.json');

  it('lets its three roles in on loopback', () => {
    const access = accessWith({ RBAC_FILE: sample });
    const roles = ROLES.map((role) => access.authenticate(`Bearer baton-sample-${role}-token`)?.role);
    expect(roles).toEqual(ROLES);
  });

  it('is refused anywhere else, whatever other tokens there are', () => {
    const elsewhere = { RBAC_FILE: sample, HOST: '0.0.0.0', API_TOKEN_ADMIN: ADMIN };
    expect(() => accessWith(elsewhere)).toThrow(/sample tokens .* `npm run hash-token`/);
  });
});
