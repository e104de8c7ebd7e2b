import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { BatonError } from '@baton/core';
import { parseAllowedTarget } from './allowed-target.js';
import { GuardedHttpClient } from './guarded-http-client.js';

const MAX_BYTES = 20_000;
/** What lies in the buffers of two sockets on the way. */
const ON_THE_WAY = 8_000_000;
const TIMEOUT_MS = 300;
/** Where the end is not to come from the clock. */
const PATIENCE_MS = 15_000;

let server: Server;
let url: string;
let behave: (socket: Socket) => void;
let connections: Socket[] = [];
let client: GuardedHttpClient;

beforeAll(async () => {
  server = createServer((socket) => {
    connections.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => behave(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/`;
});
afterAll(() => {
  server.close();
});
// One for each test: a connection of the last one may not know yet that it was cut.
beforeEach(() => {
  const rules = { allow: [parseAllowedTarget(new URL(url).host)!], ports: [80], blockedPaths: [] };
  const bounds = { timeoutMs: PATIENCE_MS, maxRequestBytes: 1_000, maxResponseBytes: MAX_BYTES, maxRedirects: 3, maxPerHost: 5 };
  client = new GuardedHttpClient({ ...rules, ...bounds });
});
afterEach(async () => {
  await client.close();
  for (const socket of connections) socket.destroy();
  connections = [];
});

async function failureOf(timeoutMs = PATIENCE_MS): Promise<BatonError> {
  const call = { method: 'GET', url, headers: {}, body: null, timeoutMs, signal: new AbortController().signal };
  const failure = await client.send(call).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(BatonError);
  return failure as BatonError;
}

/** Sends a piece again and again, as fast as it is taken. */
const endless = (head: string, piece: string | Buffer) => (socket: Socket) => {
  socket.write(head);
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece)) continue;
    if (!socket.destroyed) socket.once('drain', more);
  };
  more();
};

/** Sends a piece every few milliseconds. */
const drip = (head: string, piece: string) => (socket: Socket) => {
  socket.write(head);
  const timer = setInterval(() => socket.write(piece), 5);
  socket.once('close', () => clearInterval(timer));
};

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const CHUNK = `1000\r\n${'x'.repeat(0x1000)}\r\n`;
const closed = (socket: Socket): Promise<unknown> =>
  new Promise<unknown>((resolve) => (socket.closed ? resolve(null) : socket.once('close', resolve)));

describe('what never ends is given up, in time and with the connection', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['headers', endless(OK, 'x-a: b\r\n'.repeat(500))],
    ['one header', endless(`${OK}x-a: `, 'x'.repeat(1_000))],
    ['a status line', endless('HTTP/1.1 200 ', 'x'.repeat(1_000))],
    ['a body', endless(CHUNKED, CHUNK)],
    ['a body without a length', endless(`${OK}connection: close\r\n\r\n`, 'x'.repeat(1_000))],
    ['the line of a chunk', endless(`${CHUNKED}1;`, 'x'.repeat(1_000))],
    ['trailers', endless(`${CHUNKED}0\r\n`, 'x-a: b\r\n'.repeat(500))],
    ['answers before the answer', endless('', 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'.repeat(100))],
    ['a redirect with a body', endless('HTTP/1.1 302 Found\r\nlocation: /again\r\ntransfer-encoding: chunked\r\n\r\n', CHUNK)],
    ['silence', () => undefined],
    ['headers, letter by letter', drip(`${OK}x-a: `, 'x')],
    ['a body, letter by letter', drip(CHUNKED, '1\r\nx\r\n')],
    ['a body that is shorter than it says', (socket) => socket.write(`${OK}content-length: 100\r\n\r\nx`)],
  ])(
    '%s',
    async (_, does) => {
      behave = does;
      const startedAt = performance.now();
      const failure = await failureOf(TIMEOUT_MS);
      expect(['http_failed', 'http_refused']).toContain(failure.code);
      expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + 10_000);
      await Promise.all(connections.map(closed));
      expect(Math.max(...connections.map(({ bytesWritten }) => bytesWritten))).toBeLessThan(ON_THE_WAY);
    },
    PATIENCE_MS,
  );
});

describe('a little that becomes much', () => {
  const zeros = Buffer.alloc(30_000_000);

  test.each<[string, Buffer]>([
    ['gzip', gzipSync(zeros)],
    ['deflate', deflateSync(zeros)],
    ['br', brotliCompressSync(zeros)],
    ['zstd', zstdCompressSync(zeros)],
  ])('by %s is given up for good, before it has become that', async (encoding, bomb) => {
    behave = (socket) => {
      socket.write(`${OK}content-encoding: ${encoding}\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.write(bomb);
    };
    const before = process.memoryUsage().arrayBuffers;
    const failure = await failureOf();
    expect(failure).toMatchObject({ code: 'http_failed', options: { retryable: false } });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
  });

  test.each(['gzip', 'deflate', 'br', 'zstd'])('by %s, that is no such thing, is given up for good', async (encoding) => {
    behave = (socket) => socket.write(`${OK}content-encoding: ${encoding}\r\ncontent-length: 20\r\n\r\n${'garbage '.repeat(3)}`);
    expect(await failureOf()).toMatchObject({ code: 'http_failed', options: { retryable: false } });
  });

  test.each(['gzip, gzip', 'compress', 'gzip;q=1', 'gzip\tbr'])(
    'by %j, which nobody asked for, is not read',
    async (encoding) => {
      behave = (socket) => socket.write(`${OK}content-encoding: ${encoding}\r\ncontent-length: 1\r\n\r\nx`);
      expect(await failureOf()).toMatchObject({ code: 'http_failed', options: { retryable: false } });
    },
  );
});

describe('redirects', () => {
  test.each([
    ['to itself', 'HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n'],
    ['two ways at once', 'HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n'],
  ])('%s end in a refusal', async (_, answer) => {
    behave = (socket) => {
      socket.write(answer);
      socket.on('data', () => socket.write(answer));
    };
    expect((await failureOf()).code).toBe('http_refused');
  });
});
