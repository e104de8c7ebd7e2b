import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Socket, type AddressInfo, type LookupFunction } from 'node:net';
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { OutboundRequest } from '@baton/core';
import { parseAllowedTarget } from './allowed-target.js';
import { guardedConnector, type OpenConnection, type ResolvedAddress } from './guarded-connector.js';
import { GuardedHttpClient, type GuardedHttpOptions } from './guarded-http-client.js';
import { HttpPolicy } from './http-policy.js';

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

const REFUSED = { code: 'http_refused', options: { retryable: false } };
const PRIVATE: ResolvedAddress = { address: '127.0.0.1', family: 4 };

let server: Server;
let port: number;
let answer: (request: Seen, response: ServerResponse) => void;
let connections = 0;
const seen: Seen[] = [];
const clients: GuardedHttpClient[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
      seen.push(one);
      answer(one, response);
    });
  }).listen(0, '127.0.0.1');
  server.on('connection', () => (connections += 1));
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  seen.length = connections = 0;
  answer = (_, response) => response.end('ok');
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((one) => one.close()));
});

/** A client whose names all lead to this process, and which may call what is allowed. */
function client(allow: string[], more: Partial<GuardedHttpOptions> = {}, addresses = [PRIVATE]): GuardedHttpClient {
  const options = {
    ...{ allow: allow.map((text) => parseAllowedTarget(text)!), ports: [80, 443], blockedPaths: ['/admin'] },
    ...{ timeoutMs: 5_000, maxRequestBytes: 1_000, maxResponseBytes: 10_000, maxRedirects: 3, maxPerHost: 5, ...more },
  };
  const made = new GuardedHttpClient(options, () => Promise.resolve(addresses));
  clients.push(made);
  return made;
}
const call = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  ...{ method: 'GET', url, headers: {}, body: null, signal: new AbortController().signal },
  ...more,
});
const here = (path = '/'): string => `http://127.0.0.1:${port}${path}`;
const redirectTo = (location: string, status = 302) => {
  answer = ({ url }, response) => {
    if (url.startsWith('/from')) response.writeHead(status, { location }).end();
    else response.end('arrived');
  };
};

describe('a call', () => {
  test('gives status, headers and body, whatever the status', async () => {
    answer = (_, response) => response.writeHead(418, { 'x-a': ['1', '2'] }).end('short and stout');
    const sent = call(here('/pot?q=1'), { method: 'POST', headers: { 'X-Mine': 'yes' }, body: 'tea' });
    const response = await client([`127.0.0.1:${port}`]).send(sent);
    expect([response.status, response.headers['x-a'], Buffer.from(response.body).toString()]).toEqual([
      418,
      '1, 2',
      'short and stout',
    ]);
    expect(seen).toMatchObject([
      { method: 'POST', url: '/pot?q=1', body: 'tea', headers: { 'x-mine': 'yes', host: `127.0.0.1:${port}` } },
    ]);
  });

  test.each(['host', 'Content-Length', 'Transfer-Encoding', 'Proxy-Authorization', 'connection'])(
    'does not take the header %s',
    async (name) => {
      await expect(client([`127.0.0.1:${port}`]).send(call(here(), { headers: { [name]: '1' } }))).rejects.toMatchObject(REFUSED);
      expect(seen).toEqual([]);
    },
  );

  test.each<[string, Partial<OutboundRequest>]>([
    ['a method of its own', { method: 'CONNECT' }],
    ['too large a body', { method: 'POST', body: 'ü'.repeat(501) }],
    ['too many headers', { headers: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`x-${n}`, '1'])) }],
    ['too long headers', { headers: { 'x-long': 'x'.repeat(70_000) } }],
  ])('with %s is not sent', async (_, more) => {
    await expect(client([`127.0.0.1:${port}`]).send(call(here(), more))).rejects.toMatchObject(REFUSED);
    expect(connections).toBe(0);
  });

  test('takes no header that ends its line', async () => {
    const sent = call(here(), { headers: { 'x-a': 'b\r\nhost: evil' } });
    await expect(client([`127.0.0.1:${port}`]).send(sent)).rejects.toMatchObject({
      code: 'http_failed',
      options: { retryable: false },
    });
    expect(seen).toEqual([]);
  });

  test('without an answer has failed, and may be tried again', async () => {
    answer = (_, response) => response.destroy();
    await expect(client([`127.0.0.1:${port}`]).send(call(here()))).rejects.toMatchObject({
      code: 'http_failed',
      options: { retryable: true },
    });
  });

  test('ends with its signal, with the reason of that', async () => {
    const abortion = new AbortController();
    answer = () => abortion.abort(new Error('lost the baton'));
    const sent = client([`127.0.0.1:${port}`]).send(call(here(), { signal: abortion.signal }));
    await expect(sent).rejects.toThrow('lost the baton');
  });
});

describe('a name', () => {
  test('that resolves to what is not public is not connected to', async () => {
    await expect(client([], { ports: [port] }).send(call(`http://name.example:${port}/`))).rejects.toMatchObject(REFUSED);
    expect(connections).toBe(0);
  });

  test('that resolves to anything that is not public is not connected to, whatever else it resolves to', async () => {
    const addresses = [{ address: '93.184.216.34', family: 4 }, PRIVATE];
    await expect(client([], { ports: [port] }, addresses).send(call(`http://name.example:${port}/`))).rejects.toMatchObject(
      REFUSED,
    );
    expect(connections).toBe(0);
  });

  test('is called where the operator allows it, or its address', async () => {
    const url = `http://name.example:${port}/`;
    expect((await client([`name.example:${port}`]).send(call(url))).status).toBe(200);
    expect((await client(['127.0.0.0/8']).send(call(url))).status).toBe(200);
    expect(seen.map(({ headers }) => headers.host)).toEqual([`name.example:${port}`, `name.example:${port}`]);
  });

  test('without an address has failed, and may be tried again', async () => {
    const sent = client([], {}, []).send(call('http://name.example/'));
    await expect(sent).rejects.toMatchObject({
      code: 'http_failed',
      context: { reason: 'ENOTFOUND' },
      options: { retryable: true },
    });
  });
});

describe('what a tenant may reach besides', () => {
  const url = (): string => `http://name.example:${port}/`;
  const tenants = (): GuardedHttpOptions['tenants'] => new Map([['a', [parseAllowedTarget('127.0.0.1')!]]]);

  test('no other may', async () => {
    const guarded = client([], { ports: [port], tenants: tenants() });
    expect((await guarded.send(call(url(), { tenantId: 'a' }))).status).toBe(200);
    await expect(guarded.send(call(url(), { tenantId: 'b' }))).rejects.toMatchObject(REFUSED);
    await expect(guarded.send(call(url()))).rejects.toMatchObject(REFUSED);
    expect(seen).toHaveLength(1);
  });

  test('nor over the connection that its calls have left open', async () => {
    const guarded = client([], { ports: [port], tenants: tenants(), maxPerHost: 1 });
    await guarded.send(call(url(), { tenantId: 'a' }));
    await guarded.send(call(url(), { tenantId: 'a' }));
    expect(connections).toBe(1);
    await expect(guarded.send(call(url(), { tenantId: 'b' }))).rejects.toMatchObject(REFUSED);
    expect([seen.length, connections]).toEqual([2, 1]);
  });
});

describe('calls to one host', () => {
  test('are made so many at once, the others in their order', async () => {
    const held: ServerResponse[] = [];
    answer = (_, response) => void held.push(response);
    const guarded = client([`127.0.0.1:${port}`], { maxPerHost: 2 });
    const sent = ['/1', '/2', '/3', '/4'].map((path) => guarded.send(call(here(path))));
    for (const count of [2, 3, 4]) {
      while (held.length < count) await new Promise(setImmediate);
      expect(seen).toHaveLength(count);
      held[count - 2]!.end();
    }
    held[3]!.end();
    expect((await Promise.all(sent)).map(({ url }) => url)).toEqual(['/1', '/2', '/3', '/4'].map(here));
    expect(seen.slice(2).map(({ url }) => url)).toEqual(['/3', '/4']);
  });

  test('that find no place in time were never made, and may be tried again', async () => {
    const held: ServerResponse[] = [];
    answer = (_, response) => void held.push(response);
    const guarded = client([`127.0.0.1:${port}`], { maxPerHost: 1 });
    const first = guarded.send(call(here('/first')));
    await expect(guarded.send(call(here('/second'), { timeoutMs: 50 }))).rejects.toMatchObject({
      ...{ code: 'rate_limited', options: { retryable: true } },
    });
    while (held.length < 1) await new Promise(setImmediate);
    held[0]!.end();
    await first;
    expect(seen).toHaveLength(1);
  });
});

describe('a connection', () => {
  const policy = new HttpPolicy({ allow: [], ports: [80], blockedPaths: [] });

  /** Connects as the HTTP library does, to `remote` whatever the name resolves to; tells how it went and which addresses were asked for. */
  async function connect(hostname: string, resolved: string[], remote: string) {
    const asked: string[] = [];
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: remote });
    const open: OpenConnection = (lookup: LookupFunction) => (_, callback) =>
      lookup(hostname, { all: true }, (error, addresses) => {
        if (error !== null) return callback(error, null);
        asked.push(...(addresses as ResolvedAddress[]).map(({ address }) => address));
        callback(null, socket);
      });
    const resolve = () => Promise.resolve(resolved.map((address) => ({ address, family: 4 })));
    const outcome = await new Promise<Error | null>((done) => {
      guardedConnector(policy, resolve, open)({ hostname, protocol: 'http:', port: '' }, (...[error]) => done(error));
    });
    return { outcome, asked, destroyed: socket.destroyed };
  }

  test('is made to public addresses', async () => {
    const { outcome, asked } = await connect('name.example', ['1.1.1.1', '8.8.8.8'], '1.1.1.1');
    expect([outcome, asked]).toEqual([null, ['1.1.1.1', '8.8.8.8']]);
  });

  test.each([
    ['name.example', ['169.254.169.254'], '1.1.1.1'],
    ['name.example', ['1.1.1.1', '10.0.0.1'], '1.1.1.1'],
    ['10.0.0.1', ['1.1.1.1'], '1.1.1.1'],
    ['[::1]', ['1.1.1.1'], '1.1.1.1'],
  ])('to %s at %j is not even begun', async (hostname, resolved, remote) => {
    const { outcome, asked } = await connect(hostname, resolved, remote);
    expect([outcome, asked]).toMatchObject([REFUSED, []]);
  });

  test('that has come out elsewhere is closed before anything is sent', async () => {
    const { outcome, destroyed } = await connect('name.example', ['1.1.1.1'], '127.0.0.1');
    expect([outcome, destroyed]).toMatchObject([REFUSED, true]);
  });
});

describe('a redirect', () => {
  test('is followed, up to a bound', async () => {
    redirectTo('/to?x=1');
    const response = await client([`127.0.0.1:${port}`]).send(call(here('/from')));
    expect([response.url, Buffer.from(response.body).toString()]).toEqual([here('/to?x=1'), 'arrived']);
    redirectTo('/from/again');
    await expect(client([`127.0.0.1:${port}`]).send(call(here('/from')))).rejects.toMatchObject(REFUSED);
    expect(seen).toHaveLength(2 + 4);
  });

  test('is the answer where none is to be followed', async () => {
    redirectTo('/to');
    const response = await client([`127.0.0.1:${port}`]).send(call(here('/from'), { maxRedirects: 0 }));
    expect([response.status, response.headers['location']]).toEqual([302, '/to']);
  });

  test.each([
    ...['http://169.254.169.254/latest/meta-data/', 'http://[::ffff:a9fe:a9fe]/', 'http://localhost/', 'http://name.example:22/'],
    ...[
      'http://metadata.google.internal/',
      'file:///etc/passwd',
      'gopher://name.example/',
      '/admin',
      'http://u:p@name.example/',
      'http://',
    ],
    'http://name.example/',
  ])('to %s is refused', async (location) => {
    redirectTo(location);
    await expect(client([`127.0.0.1:${port}`]).send(call(here('/from')))).rejects.toMatchObject(REFUSED);
    expect(seen).toHaveLength(1);
  });

  const secrets = { authorization: 'Bearer x', cookie: 'a=b', 'x-api-key': 'k', accept: 'text/plain' };

  test('takes credentials along within its origin only', async () => {
    redirectTo('/to');
    await client([`127.0.0.1:${port}`]).send(call(here('/from'), { headers: secrets }));
    expect(seen[1]!.headers).toMatchObject(secrets);
    redirectTo(`http://other.example:${port}/to`);
    await client([`127.0.0.1:${port}`]).send(call(here('/from'), { headers: secrets }));
    const { authorization, cookie, 'x-api-key': key, accept } = seen[3]!.headers;
    expect([authorization, cookie, key, accept]).toEqual([undefined, undefined, undefined, 'text/plain']);
  });

  test.each([
    [301, 'GET', ''],
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', 'body'],
    [308, 'POST', 'body'],
  ])('with %i of a POST goes on as %s', async (status, method, body) => {
    redirectTo('/to', status);
    const headers = { 'content-type': 'text/plain' };
    await client([`127.0.0.1:${port}`]).send(call(here('/from'), { method: 'POST', body: 'body', headers }));
    expect(seen[1]).toMatchObject({ method, body });
    expect(seen[1]!.headers['content-type']).toBe(body === '' ? undefined : 'text/plain');
  });
});

describe('an answer', () => {
  const text = 'x'.repeat(5_000);

  test.each([
    ['gzip', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['identity', Buffer.from(text)],
  ])('may be compressed by %s', async (encoding, body) => {
    answer = (_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body);
    const response = await client([`127.0.0.1:${port}`]).send(call(here()));
    expect(Buffer.from(response.body).toString()).toBe(text);
  });

  test('of a HEAD has no body to decompress', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end();
    expect((await client([`127.0.0.1:${port}`]).send(call(here(), { method: 'HEAD' }))).body).toHaveLength(0);
  });

  test.each<[string, string, Buffer]>([
    ['as it comes', 'identity', Buffer.alloc(10_001)],
    ['once decompressed', 'gzip', gzipSync(Buffer.alloc(50_000_000))],
  ])('that is too large %s is given up, for good', async (_, encoding, body) => {
    answer = (__, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body);
    const sent = client([`127.0.0.1:${port}`], { maxResponseBytes: encoding === 'gzip' ? 60_000 : 10_000 }).send(call(here()));
    await expect(sent).rejects.toMatchObject({ code: 'http_failed', options: { retryable: false } });
  });

  test('that needs more memory to be decompressed than it is long is given up, for good', async () => {
    const body = zstdCompressSync(Buffer.alloc(1_000), { params: { [constants.ZSTD_c_windowLog]: 27 } });
    const widest = Buffer.from(body);
    // The frame says by itself that it wants 2 GiB.
    widest.set([0x00, 0xa8], 4);
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'zstd' }).end(widest);
    const sent = client([`127.0.0.1:${port}`]).send(call(here()));
    await expect(sent).rejects.toMatchObject({ code: 'http_failed', options: { retryable: false } });
  });

  test('in a compression that nobody asked for is given up', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip, br' }).end('x');
    await expect(client([`127.0.0.1:${port}`]).send(call(here()))).rejects.toMatchObject({ code: 'http_failed' });
  });

  test.each(['before its headers', 'within its body'])('that stops %s is given up in time', async (when) => {
    answer = (_, response) => {
      if (when === 'within its body') response.write('x');
    };
    const sent = client([`127.0.0.1:${port}`], { timeoutMs: 100 }).send(call(here()));
    await expect(sent).rejects.toMatchObject({ code: 'http_failed', message: expect.stringContaining('within 100 ms') });
  });

  test.each([
    ['long', { 'x-long': 'x'.repeat(20_000) }],
    ['many', Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`x-${n}`, '1']))],
  ])('with too %s headers is given up', async (_, headers) => {
    answer = (__, response) => response.writeHead(200, headers).end();
    await expect(client([`127.0.0.1:${port}`]).send(call(here()))).rejects.toMatchObject({
      code: 'http_failed',
      options: { retryable: false },
    });
  });
});
