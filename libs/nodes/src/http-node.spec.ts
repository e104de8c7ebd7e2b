import { beforeEach, describe, expect, test } from '@jest/globals';
import { OutboundHttp, type JsonObject, type JsonValue, type OutboundRequest, type OutboundResponse } from '@baton/core';
import { nodeContext } from '../test/node-context.js';
import { HttpNode } from './http-node.js';

/** Remembers what was sent, and answers as it is told. */
class FakeHttp extends OutboundHttp {
  readonly sent: OutboundRequest[] = [];
  answer: Partial<OutboundResponse> & { text?: string } = {};

  send(request: OutboundRequest): Promise<OutboundResponse> {
    this.sent.push(request);
    const { text = '', ...more } = this.answer;
    return Promise.resolve({ status: 200, headers: {}, url: request.url, body: Buffer.from(text), ...more });
  }
}

let http: FakeHttp;
beforeEach(() => {
  http = new FakeHttp();
});

const run = (config: JsonObject, steps?: Map<string, JsonValue>) =>
  new HttpNode(http).execute(nodeContext({ config: { url: 'https://api.example/x', ...config } }, steps));
const json = { headers: { 'content-type': 'application/problem+json; charset=utf-8' } };

describe('the request', () => {
  test('of a POST carries the idempotency key, of a GET it does not', async () => {
    await run({ method: 'POST', json: { a: [1] } });
    await run({});
    await run({ method: 'PUT', headers: { 'Idempotency-Key': 'mine' } });
    expect(http.sent.map(({ method, headers, body }) => [method, headers, body])).toEqual([
      ['POST', { 'content-type': 'application/json', 'idempotency-key': 'run/node/1' }, '{"a":[1]}'],
      ['GET', {}, null],
      ['PUT', { 'idempotency-key': 'mine' }, null],
    ]);
  });

  test('names the header of its key, or has none', async () => {
    await run({ method: 'POST', idempotency_header: 'X-Request-Id' });
    await run({ method: 'POST', idempotency_header: false });
    expect(http.sent.map(({ headers }) => headers)).toEqual([{ 'x-request-id': 'run/node/1' }, {}]);
  });

  test('names a secret, and for whom and as what it is made', async () => {
    await run({ auth: { type: 'header', secret: 'key', header: 'X-Key' }, headers: { 'X-Version': 2 } });
    expect(http.sent[0]).toMatchObject({
      ...{ auth: { type: 'header', secret: 'key', header: 'X-Key' }, headers: { 'x-version': '2' } },
      ...{ tenantId: 'default', ticket: 'run/node/1', limits: [] },
    });
  });

  test('may have a limit of its own, which all of the tenant share that say the same', async () => {
    const limit = { requests: 5, seconds: 10 };
    const keyed = { ...limit, key: 'a/b' };
    for (const rate_limit of [limit, { ...limit, requests: 6 }, keyed]) await run({ rate_limit });
    expect(http.sent.map(({ limits }) => limits![0]!.key)).toEqual([
      ...['own/default/api.example/5/10/0.1', 'own/default/api.example/6/10/0.1', 'own/default/a%2Fb/5/10/0.1'],
    ]);
    expect(http.sent[0]!.limits).toMatchObject([
      { limit: { amount: 5, perMs: 10_000, burst: 1 }, cost: 1, label: '5 requests in 10 s' },
    ]);
  });

  test.each<[JsonObject, string, string]>([
    [{ json: null }, 'application/json', 'null'],
    [{ form: { a: 'b c', n: 1 } }, 'application/x-www-form-urlencoded', 'a=b+c&n=1'],
    [{ text: 'plain' }, 'text/plain; charset=utf-8', 'plain'],
    [{ text: '<a/>', headers: { 'Content-Type': 'text/xml' } }, 'text/xml', '<a/>'],
  ])('with %j has its type and body', async (config, type, body) => {
    await run({ method: 'POST', ...config });
    expect(http.sent[0]).toMatchObject({ body, headers: { 'content-type': type } });
  });

  test('has its query behind that of the URL, and its bounds', async () => {
    await run({ url: 'https://api.example/x?a=1', query: { b: 'c d', list: [1, true] }, timeout: 1.5, redirects: 0 });
    expect(http.sent[0]).toMatchObject({
      ...{ url: 'https://api.example/x?a=1&b=c+d&list=1&list=true', timeoutMs: 1_500, maxRedirects: 0 },
    });
  });

  test.each<JsonObject>([
    { url: '' },
    { method: 'CONNECT' },
    { json: 1, text: 'x' },
    { headers: { 'a b': 'c' } },
    { timeout: 0 },
    { auth: { type: 'bearer', secret: 'Bearer abc' } },
    { auth: { type: 'bearer', token: 'abc' } },
    { rate_limit: { requests: 0 } },
    { idempotency_header: 'a b' },
    { ok_status: [200] },
  ])('is not made of %j', async (config) => {
    await expect(run(config)).rejects.toMatchObject({ code: 'workflow_invalid', options: { retryable: false } });
    expect(http.sent).toEqual([]);
  });
});

test.each<[JsonValue, string | null]>([
  ['https://api.example:8443/x?y=1', 'https://api.example:8443'],
  ['HTTP://API.example/', 'http://api.example'],
  ['not a url', null],
  [7, null],
])('the target of %j is %j', (url, target) => {
  expect(new HttpNode(http).target(nodeContext({ config: { url } }))).toBe(target);
});

describe('the answer', () => {
  test.each<[string, typeof http.answer, JsonValue]>([
    ['JSON', { ...json, text: '{"a":1}' }, { a: 1 }],
    ['text that says it is JSON', { ...json, text: '{' }, '{'],
    ['text', { headers: { 'content-type': 'text/plain' }, text: '{"a":1}' }, '{"a":1}'],
    ['bytes', { body: Uint8Array.from([0xff, 0x00]) }, { base64: '/wA=' }],
    ['nothing', {}, ''],
  ])('may be %s', async (_, answer, body) => {
    http.answer = answer;
    expect(await run({})).toMatchObject({ status: 200, body, url: 'https://api.example/x' });
  });

  test('is mapped by an expression, and keeps cookies out of the journal', async () => {
    http.answer = { headers: { ...json.headers, 'set-cookie': 'secret' }, text: '{"id":7}' };
    const steps = new Map<string, JsonValue>();
    expect(await run({ output: '{"id": response.body.id, "ok": response.status == 200.0}' }, steps)).toEqual({ id: 7, ok: true });
    expect(JSON.stringify([...steps])).not.toContain('secret');
  });

  test('is asked for once: another attempt has what the first one got', async () => {
    const steps = new Map<string, JsonValue>();
    await expect(run({ output: 'response.body.missing' }, steps)).rejects.toMatchObject({ code: 'expression_failed' });
    http.answer = { text: 'another' };
    expect(await run({}, steps)).toMatchObject({ body: '' });
    expect(http.sent).toHaveLength(1);
  });
});

describe('a status that is a failure', () => {
  test.each([
    [400, false],
    [401, false],
    [404, false],
    [408, true],
    [429, true],
    [500, true],
    [501, false],
    [503, true],
  ])('%i may be tried again: %s', async (status, retryable) => {
    http.answer = { status, text: 'why' };
    await expect(run({ url: 'https://api.example/x?token=secret' })).rejects.toMatchObject({
      ...{ code: 'http_failed', message: `GET https://api.example/x answered ${status}.` },
      ...{ context: { status, answer: 'why' }, options: { retryable } },
    });
  });

  test('says when to come back', async () => {
    http.answer = { status: 503, headers: { 'retry-after': '7' } };
    await expect(run({})).rejects.toMatchObject({ options: { retryable: true, retryAfterSeconds: 7 } });
  });

  test('is none where the config expects it', async () => {
    http.answer = { status: 404 };
    expect(await run({ ok_status: [404] })).toMatchObject({ status: 404 });
  });
});
