import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, createTask } from '../support/client.js';

let api: ApiServer;

beforeAll(async () => {
  api = await startApi({ worker: true });
});
afterAll(() => api.close());

test('the question of the README is answered from the page that it names', async () => {
  const [, question = ''] = /\{"title":"([^"]+)"\}/.exec(readFileSync('README.md', 'utf8')) ?? [];
  const documents = readdirSync('docs')
    .filter((file) => file.endsWith('.md'))
    .map((file) => ({ text: readFileSync(`docs/${file}`, 'utf8'), source: `docs/${file}`, media_type: 'text/markdown' }));
  expect((await call(api.url, 'POST', '/api/ingest', { documents })).body).toMatchObject({ refused: 0 });
  const id = await createTask(api.url, question);
  const { status, body } = await call(api.url, 'POST', '/run-agents', { id }, { prefer: 'wait=8' });
  expect([status, body['output']]).toEqual([
    200,
    expect.objectContaining({
      answer: expect.stringMatching(/^When Redis loses everything, /),
      citations: expect.arrayContaining([expect.objectContaining({ title: 'Architecture' })]),
    }),
  ]);
});
