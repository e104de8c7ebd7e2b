import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@baton/core';
import { call, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { startBaton, type BatonProcess } from '../support/processes.js';

const SECRETS = { file: 'the-secret-in-a-file', env: 'ann:the-secret-of-the-environment' };

describe('calls that leave Baton', () => {
  let server: Server;
  let host: string;
  let baton: BatonProcess;
  const seen: IncomingHttpHeaders[] = [];

  beforeAll(async () => {
    // Whatever it is told it says again, as servers that explain an error do.
    server = createServer(({ headers }, response) => {
      seen.push(headers);
      const echo = `${headers.authorization ?? ''} ${String(headers['x-key'] ?? '')}`;
      response.writeHead(200, { 'content-type': 'application/json', 'x-echo': echo }).end(JSON.stringify({ echo }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const elsewhere = host.replace('127.0.0.1', 'localhost');
    const folder = mkdtempSync(join(tmpdir(), 'baton-outbound-'));
    const file = join(folder, 'secret');
    writeFileSync(file, `${SECRETS.file}\n`);
    const toHost = { hosts: [host], plain_http: true };
    const secrets = { filed: { file, ...toHost }, named: { env: 'THE_SECRET', ...toHost } };
    const limits = join(folder, 'limits.json');
    writeFileSync(limits, JSON.stringify([{ name: 'echo', host: '127.0.0.1', requests: 1, seconds: 4, per: ['tenant'] }]));
    baton = await startBaton('standalone', {
      ...{ DATA_DIR: folder, HTTP_ALLOW: `${host},${elsewhere}`, HTTP_SECRETS: JSON.stringify(secrets), THE_SECRET: SECRETS.env },
      ...{ RATE_LIMITS: limits, RATE_LIMIT_IN_PLACE_MS: '0', LOG_LEVEL: 'debug' },
    });
    const callWith = (id: string, to: string, auth: JsonObject, more: JsonObject = {}): JsonObject => ({
      ...{ id, type: 'http', retry: { max_attempts: 1 }, config: { url: `http://${to}/`, auth }, ...more },
    });
    const named = { type: 'basic', secret: '${{ input.secret }}' };
    const workflows: JsonObject[] = [
      {
        name: 'caller',
        nodes: [
          callWith('filed', host, { type: 'header', header: 'X-Key', secret: 'filed' }),
          callWith('named', host, named, { depends_on: ['filed'] }),
        ],
      },
      { name: 'stranger', nodes: [callWith('named', elsewhere, named)] },
    ];
    for (const workflow of workflows) expect((await call(baton.url, 'POST', '/api/v1/workflows', workflow)).status).toBe(201);
  }, 60_000);
  afterAll(async () => {
    await baton.terminate();
    server.close();
  });

  const start = async (workflow: string): Promise<string> =>
    textOf((await call(baton.url, 'POST', '/api/v1/runs', { workflow, input: { secret: 'named' } })).body, 'run_id');
  const read = async (runId: string): Promise<JsonObject> => (await call(baton.url, 'GET', `/api/v1/runs/${runId}`)).body;

  it('carry their secrets, show them nowhere, and come one after the other as they are limited', async () => {
    const runId = await start('caller');
    const why = async () => (await read(runId))['why'] as JsonObject;
    await eventually(async () => (await why())['code'] === 'rate_limited', 'the second call waits for its turn');
    expect(await why()).toMatchObject({ target: host, sentence: expect.stringContaining('1 requests in 4 s') });
    await eventually(async () => (await read(runId))['status'] === 'completed', 'the run goes on at its turn', 20_000);
    expect(seen.map((headers) => [headers['x-key'], headers.authorization])).toEqual([
      [SECRETS.file, undefined],
      [undefined, `Basic ${Buffer.from(SECRETS.env).toString('base64')}`],
    ]);
    const journal = (await call(baton.url, 'GET', `/api/v1/runs/${runId}/journal?limit=1000`)).body;
    const timeline = (await call(baton.url, 'GET', `/api/v1/runs/${runId}/timeline`)).body;
    expect((await read(runId))['output']).toMatchObject({
      body: { echo: 'Basic [secret] ' },
      headers: { 'x-echo': 'Basic [secret] ' },
    });
    const shown = JSON.stringify([journal, timeline, await read(runId)]) + readFileSync(baton.logFile, 'utf8');
    expect(shown).toContain('[secret]');
    for (const text of [SECRETS.file, SECRETS.env, 'the-secret', Buffer.from(SECRETS.env).toString('base64')]) {
      expect(shown).not.toContain(text);
    }
  }, 40_000);

  it('carry no secret that is for another host', async () => {
    const before = seen.length;
    const runId = await start('stranger');
    await eventually(async () => (await read(runId))['status'] === 'failed', 'the run has failed', 20_000);
    expect((await read(runId))['error']).toMatchObject({ code: 'http_refused', message: expect.stringContaining('`named`') });
    expect(seen).toHaveLength(before);
  }, 40_000);
});
