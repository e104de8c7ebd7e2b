import { beforeEach, describe, expect, test } from '@jest/globals';
import { BatonError, OutboundHttp, type OutboundAuth, type OutboundRequest, type OutboundResponse } from '@baton/core';
import { AuthorizedHttp } from './authorized-http.js';
import { HttpSecrets, type HttpSecret } from './http-secrets.js';

const SECRET = 'p"q/r+s-t0p-secret';
const REQUEST = { method: 'GET', url: 'https://api.example/x', headers: {}, body: null, signal: new AbortController().signal };
let sent: OutboundRequest[];
let answer: (request: OutboundRequest) => Partial<OutboundResponse>;

beforeEach(() => {
  sent = [];
  answer = () => ({});
});

class FakeHttp extends OutboundHttp {
  async send(request: OutboundRequest): Promise<OutboundResponse> {
    sent.push(request);
    return { status: 200, headers: {}, url: request.url, body: Buffer.from(''), ...answer(request) };
  }
}

function send(
  auth: OutboundAuth,
  more: Partial<OutboundRequest> = {},
  rule: Partial<HttpSecret> = {},
): Promise<OutboundResponse> {
  const secret = {
    read: () => Promise.resolve(SECRET),
    hosts: ['api.example', '*.hooks.example:8443'],
    tenants: null,
    plainHttp: false,
  };
  const http = new AuthorizedHttp(new FakeHttp(), new HttpSecrets(new Map([['key', { ...secret, ...rule }]])));
  return http.send({ ...REQUEST, auth, ...more });
}
const bearer: OutboundAuth = { type: 'bearer', secret: 'key' };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a secret', () => {
  test.each<[OutboundAuth, string, string]>([
    [bearer, 'authorization', `Bearer ${SECRET}`],
    [{ type: 'basic', secret: 'key' }, 'authorization', `Basic ${base64(SECRET)}`],
    [{ type: 'basic', secret: 'key', username: 'ann' }, 'authorization', `Basic ${base64(`ann:${SECRET}`)}`],
    [{ type: 'header', secret: 'key', header: 'X-Api-Key' }, 'x-api-key', SECRET],
  ])('goes with the call as %j says, and nobody else sets it', async (auth, header, value) => {
    await send(auth, { headers: { [header.toUpperCase()]: 'mine', accept: 'a' } });
    expect(sent[0]!.headers).toEqual({ accept: 'a', [header]: value });
    expect(sent[0]).not.toHaveProperty('auth');
  });

  test('is read anew for each call', async () => {
    let reads = 0;
    const read = (): Promise<string> => Promise.resolve(`secret-${(reads += 1)}`);
    await send(bearer, {}, { read });
    await send(bearer, {}, { read });
    expect(reads).toBe(2);
  });

  test('stays hidden when it has changed, and when it cannot be read', async () => {
    const values = ['first-value', 'name:second-value'];
    const read = async () => values.shift() ?? Promise.reject(new Error('away'));
    const secrets = new HttpSecrets(new Map([['key', { read, hosts: ['api.example'], tenants: null, plainHttp: false }]]));
    await new AuthorizedHttp(new FakeHttp(), secrets).send({ ...REQUEST, auth: bearer });
    const known = ['first-value', 'name:second-value', 'second-value'];
    expect(await secrets.readHidden()).toEqual(expect.arrayContaining(known));
    expect(await secrets.readHidden()).toEqual(expect.arrayContaining(known));
  });

  test.each([
    ['https://api.example/', true],
    ['https://api.example./', true],
    ['https://a.hooks.example:8443/', true],
    ['http://api.example/', false],
    ['https://a.hooks.example/', false],
    ['https://evil.example/', false],
    ['https://api.example.evil.example/', false],
    ['https://xapi.example/', false],
    ['https://api.example@evil.example/', false],
    ['no url', false],
  ])('goes to %s: %s', async (url, goes) => {
    if (goes) return expect((await send(bearer, { url })).status).toBe(200);
    await expect(send(bearer, { url })).rejects.toMatchObject({ code: 'http_refused' });
    expect(sent).toEqual([]);
  });

  test('goes over http where it may', async () => {
    expect((await send(bearer, { url: 'http://api.example/' }, { plainHttp: true })).status).toBe(200);
  });

  test('is for the tenants that are named', async () => {
    await send(bearer, { tenantId: 'a' }, { tenants: ['a'] });
    await expect(send(bearer, { tenantId: 'b' }, { tenants: ['a'] })).rejects.toMatchObject({ code: 'http_refused' });
    await expect(send(bearer, {}, { tenants: ['a'] })).rejects.toMatchObject({ code: 'http_refused' });
  });

  test.each(['User-Agent', 'accept', 'Idempotency-Key'])('goes in no header that redirects carry on: %s', async (header) => {
    await expect(send({ type: 'header', secret: 'key', header })).rejects.toMatchObject({ code: 'http_refused' });
    expect(sent).toEqual([]);
  });

  test('that nobody has is refused as one that is not for the host is', async () => {
    const refusals = [send({ type: 'bearer', secret: 'none' }), send(bearer, {}, { hosts: ['b.example'] })];
    const errors = await Promise.all(refusals.map((one) => one.catch((error: unknown) => error)));
    const sentences = errors.map((error) => (error as BatonError).message);
    expect(sentences[0]).toBe(sentences[1]!.replace('`key`', '`none`'));
  });

  test.each([
    ['that cannot be read', () => Promise.reject(new Error(SECRET))],
    ['of two lines', () => Promise.resolve(`${SECRET}\nhost: evil`)],
    ['that is empty', () => Promise.resolve('')],
  ])('%s sends nothing and shows nothing', async (_, read) => {
    const refusal = await send(bearer, {}, { read }).catch((error: BatonError) => error);
    expect(refusal).toMatchObject({ code: 'http_refused' });
    expect(`${(refusal as BatonError).message}${JSON.stringify((refusal as BatonError).context)}`).not.toContain(SECRET);
    expect(sent).toEqual([]);
  });
});

describe('what comes back', () => {
  const echoes = [SECRET, JSON.stringify(SECRET), encodeURIComponent(SECRET), base64(SECRET), `Bearer ${SECRET}`];

  test.each(echoes)('has no echo of it: %s', async (echo) => {
    answer = () => ({
      ...{ headers: { 'x-echo': `a ${echo} b` }, url: `https://api.example/?k=${echo}` },
      body: Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from(` <${echo}> ü`)]),
    });
    const { headers, url, body } = await send(bearer);
    expect(headers['x-echo']).toMatch(/^a .*\[secret\].* b$/);
    expect(url).toContain('[secret]');
    const text = Buffer.from(body).toString('latin1');
    for (const shown of [JSON.stringify(headers), url, text]) {
      for (const one of echoes) expect(shown).not.toContain(one);
    }
    expect(body.subarray(0, 2)).toEqual(Buffer.from([0xff, 0x00]));
    expect(Buffer.from(body).toString().endsWith(' ü')).toBe(true);
  });

  test('has none of the password of a pair', async () => {
    answer = ({ headers }) => ({ body: Buffer.from(`${headers['authorization']} ${SECRET}`) });
    const { body } = await send({ type: 'basic', secret: 'key', username: 'ann' });
    expect(Buffer.from(body).toString()).toBe('Basic [secret] [secret]');
  });

  test('is the same where there is no echo', async () => {
    const body = Uint8Array.from([0xff, 0x00, 0xc3]);
    answer = () => ({ body });
    expect((await send(bearer)).body).toBe(body);
  });

  test('has none in a failure either', async () => {
    answer = ({ headers }) => {
      const host = String(headers['authorization']).slice(7);
      throw new BatonError('http_refused', `\`${host}\` may not be called`, { host }, { retryable: false });
    };
    const failure = (await send(bearer).catch((error: unknown) => error)) as BatonError;
    expect([failure.message, failure.context, failure.options.retryable]).toEqual([
      ...['`[secret]` may not be called', { host: '[secret]' }, false],
    ]);
  });
});
