import { isIP } from 'node:net';
import { afterAll, describe, expect, test } from '@jest/globals';
import { BatonError } from '@baton/core';
import fc from 'fast-check';
import { bareHost } from './allowed-target.js';
import { GuardedHttpClient } from './guarded-http-client.js';
import { HttpPolicy } from './http-policy.js';
import { isPublicAddress } from './public-address.js';

const RULES = { allow: [], ports: [80, 443], blockedPaths: ['/admin'] };
const policy = new HttpPolicy(RULES);

/** All that is not for hosts of the internet, as IANA and the clouds have it; counted out here by other means than in the code. */
const NOT_PUBLIC = [
  ...[
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
  ],
  ...[
    '192.31.196.0/24',
    '192.52.193.0/24',
    '192.88.99.0/24',
    '192.168.0.0/16',
    '192.175.48.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
  ],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32', '161.26.0.0/16', '166.8.0.0/14', '199.36.153.4/30'],
  ...['199.36.153.8/30', '192.80.8.124/32'],
].map((network) => {
  const [address = '', bits = ''] = network.split('/');
  const size = 2 ** (32 - Number(bits));
  return { first: toNumber(address), size };
});

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
const octets = (value: number): number[] => [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256);
const dotted = (value: number): string => octets(value).join('.');
const isForbidden = (value: number): boolean => NOT_PUBLIC.some(({ first, size }) => value >= first && value < first + size);

const forbidden = fc
  .constantFrom(...NOT_PUBLIC)
  .chain(({ first, size }) => fc.integer({ min: 0, max: size - 1 }).map((n) => first + n));
const border = fc
  .tuple(fc.constantFrom(...NOT_PUBLIC), fc.integer({ min: -2, max: 2 }), fc.boolean())
  .map(([{ first, size }, by, atEnd]) => Math.min(Math.max(first + by + (atEnd ? size : 0), 0), 2 ** 32 - 1));
const anyV4 = fc.oneof(border, forbidden, fc.integer({ min: 0, max: 2 ** 32 - 1 }));

/** The ways in which URLs write an address of four bytes. */
const number = (value: number) =>
  fc.constantFrom(
    String(value),
    `0x${value.toString(16)}`,
    `0X${value.toString(16).toUpperCase()}`,
    `0${value.toString(8)}`,
    `000${value.toString(8)}`,
  );
const spelledV4 = (value: number): fc.Arbitrary<string> => {
  const [a = 0, b = 0, c = 0, d = 0] = octets(value);
  const shapes = [[a, b, c, d], [a, b, c * 256 + d], [a, b * 65_536 + c * 256 + d], [value]];
  return fc.constantFrom(...shapes).chain((parts) => fc.tuple(...parts.map(number)).map((texts) => texts.join('.')));
};
const words = (value: number): string => `${Math.floor(value / 65_536).toString(16)}:${(value % 65_536).toString(16)}`;
const spelledV6 = (value: number): fc.Arbitrary<string> =>
  fc.constantFrom(
    `::ffff:${dotted(value)}`,
    `::ffff:${words(value)}`,
    `0:0:0:0:0:FFFF:${dotted(value)}`,
    `::${dotted(value)}`,
    `::ffff:0:${dotted(value)}`,
    `64:ff9b::${dotted(value)}`,
    `64:ff9b:1::${words(value)}`,
    `2002:${words(value)}::1`,
    `2001:0:${words(value)}::1`,
  );
const fullWidth = (text: string): string =>
  text.replaceAll(/[0-9A-Za-z]/g, (char) => String.fromCodePoint(char.charCodeAt(0) + 0xfee0));
const percent = (text: string): string => text.replaceAll(/[0-9]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
const disguise = fc.constantFrom<(host: string) => string>(
  (host) => host,
  (host) => `${host}.`,
  fullWidth,
  percent,
  (host) => host.replaceAll('.', '。'),
  (host) => host.replaceAll('.', '%2e'),
  (host) => `\t${host.slice(0, 1)}\n${host.slice(1)}`,
  (host) => `${host.slice(0, 1)}\u00ad${host.slice(1)}`,
);
const frame = fc.constantFrom<(host: string) => string>(
  (host) => `http://${host}/`,
  (host) => `https:${host}`,
  (host) => `HTTP:\\\\${host}\\x`,
  (host) => `  http:////${host}:80/`,
  (host) => `http://example.com@${host}/`,
  (host) => `http://example.com:80#@${host}/`.replace('#', '%23'),
  (host) => `http://${host}?@example.com/`,
  (host) => `http://${host}#@example.com`,
  (host) => `http://${host}\\@example.com/`,
);

function isRefused(url: URL): boolean {
  try {
    policy.checkUrl(url);
    return false;
  } catch (error) {
    return error instanceof BatonError && error.code === 'http_refused';
  }
}

test('an address is public where it is in none of the ranges that are not', () => {
  fc.assert(
    fc.property(anyV4, (value) => isPublicAddress(dotted(value)) === !isForbidden(value)),
    { numRuns: 2_000 },
  );
});

test('an address that holds another one is never public', () => {
  const holding = anyV4.chain(spelledV6);
  fc.assert(
    fc.property(holding, (address) => !isPublicAddress(address)),
    { numRuns: 2_000 },
  );
});

test('no address that is not public gets through, however it is written', () => {
  const v4 = fc.tuple(forbidden.chain(spelledV4), disguise).map(([host, disguised]) => disguised(host));
  const v6 = forbidden.chain(spelledV6).map((host) => `[${host}]`);
  fc.assert(
    fc.property(fc.oneof(v4, v6), frame, (host, framed) => {
      const text = framed(host);
      return !URL.canParse(text) || isRefused(new URL(text));
    }),
    { numRuns: 2_000 },
  );
});

describe('what is checked is what is connected to', () => {
  const asked: string[] = [];
  const bounds = { timeoutMs: 5_000, maxRequestBytes: 1_000, maxResponseBytes: 1_000, maxRedirects: 3, maxPerHost: 5 };
  // Every name is one without an address: it is asked for, and nothing is connected to.
  const client = new GuardedHttpClient({ ...RULES, ...bounds }, async (hostname) => {
    asked.push(hostname);
    return [];
  });
  afterAll(() => client.close());

  const label = fc.constantFrom(
    'a',
    'example',
    'EXAMPLE',
    'xn--bcher-kva',
    'bücher',
    'ß',
    'localhost',
    '127',
    '0x7f',
    'ⓔxample',
    'a_b',
    'a-',
  );
  const host = fc
    .array(label, { minLength: 1, maxLength: 4 })
    .chain((labels) => fc.constantFrom('.', '。', '．', '%2e', '..').map((dot) => labels.join(dot)));
  const junk = fc.constantFrom(
    '',
    '@',
    ':@',
    'a@',
    '\\',
    '/',
    '//',
    '#',
    '?',
    '%00',
    '\t',
    ':80',
    ':443',
    ':',
    '.',
    '/admin',
    '%2f',
    ';',
    '@b.example',
  );
  const text = fc
    .tuple(fc.constantFrom('http://', 'https://', 'http:', '//', 'ftp://', 'hTTp:\\'), junk, host, junk, junk)
    .map((parts) => parts.join(''));

  test('in any URL: the name that is looked up is the one of the URL, or nothing is', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (url) => {
        // Nothing is sent to an address that is public by chance.
        const name = URL.canParse(url) ? bareHost(new URL(url).hostname) : '';
        if (isIP(name) !== 0 && isPublicAddress(name)) return;
        asked.length = 0;
        const call = { method: 'GET', url, headers: {}, body: null, signal: new AbortController().signal };
        const failure = (await client.send(call).catch((error: unknown) => error)) as BatonError;
        expect(failure).toBeInstanceOf(BatonError);
        if (failure.code === 'http_refused') expect(asked).toEqual([]);
        else {
          expect(failure).toMatchObject({ code: 'http_failed', context: { reason: 'ENOTFOUND' } });
          expect(asked.map(bareHost)).toEqual([name]);
          expect(isIP(name)).toBe(0);
        }
      }),
      { numRuns: 200 },
    );
  });
});
