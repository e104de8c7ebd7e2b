import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf, type Reply } from '../support/client.js';
import { eventually } from '../support/eventually.js';

const PATH = '/api/v1/dead-letters';

/** Calls a host that is not allowed: no retry helps. */
const refused = { type: 'http', config: { url: 'http://127.0.0.1:9/' } };

describe('dead letters over HTTP', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await startApi({ worker: true });
    const workflows = {
      fails: [
        { id: 'first', type: 'transform', config: { value: 1 } },
        { id: 'bad', depends_on: ['first'], ...refused },
      ],
      lame: [{ id: 'bad', on_error: 'continue', ...refused }],
    };
    for (const [name, nodes] of Object.entries(workflows)) {
      expect((await call(api.url, 'POST', '/api/v1/workflows', { name, nodes })).status).toBe(201);
    }
  });
  afterAll(() => api.close());

  const get = async (path: string): Promise<JsonObject> => (await call(api.url, 'GET', path)).body;
  const post = (path: string, body?: JsonValue): Promise<Reply> => call(api.url, 'POST', `${PATH}/${path}`, body);

  /** Starts a run and waits for its end. */
  async function run(workflow: string): Promise<string> {
    const id = textOf((await call(api.url, 'POST', '/api/v1/runs', { workflow, input: { q: 1 } })).body, 'run_id');
    return ended(id);
  }
  function ended(id: string): Promise<string> {
    return eventually(async () => {
      const { status } = await get(`/api/v1/runs/${id}`);
      return status === 'failed' || status === 'completed' ? id : null;
    }, 'the run ends');
  }
  const idsOf = async (query: string): Promise<string[]> =>
    ((await get(`${PATH}?${query}`))['items'] as JsonObject[]).map((item) => textOf(item, 'id'));

  it('shows what failed, and lets it be inspected', async () => {
    const failed = await run('fails');
    const lame = await run('lame');
    expect((await idsOf('limit=200')).toSorted()).toEqual([failed, lame].toSorted());
    expect(await idsOf('workflow=lame')).toEqual([lame]);
    expect(await idsOf('node_type=none')).toEqual([]);
    expect(await idsOf('from=2000-01-01T00:00:00Z&to=2001-01-01T00:00:00Z')).toEqual([]);
    expect(await get(`${PATH}/${failed}`)).toMatchObject({
      ...{ id: failed, kind: 'run', status: 'open', workflow: { name: 'fails' }, node_id: 'bad', node_type: 'http', attempts: 1 },
      ...{ error: { code: 'http_refused' }, input: { q: 1 }, links: { timeline: `/api/v1/runs/${failed}/timeline` } },
    });
    expect(await get(`${PATH}/${lame}`)).toMatchObject({ kind: 'nodes', node_id: 'bad', failed_nodes: 1 });
    const missing = await call(api.url, 'GET', `${PATH}/none`);
    expect([missing.status, missing.body]).toMatchObject([404, { code: 'dead_letter_not_found' }]);
  });

  it('replays one, once, from what failed', async () => {
    const failed = await run('fails');
    const first = await post(`${failed}/replay`);
    expect([first.status, first.body]).toMatchObject([200, { id: failed, status: 'replayed' }]);
    const again = textOf(first.body, 'replay_run_id');
    expect((await post(`${failed}/replay`)).body).toMatchObject({ replay_run_id: again });
    await ended(again);
    const events = (await get(`/api/v1/runs/${again}/journal`))['items'] as JsonObject[];
    expect(events[0]!['payload']).toMatchObject({ forked_from: { run_id: failed, nodes: ['bad'] } });
    expect(await idsOf('status=replayed')).toEqual([failed]);
    // It has failed again, and left a letter of its own.
    expect(await idsOf('workflow=fails')).toContain(again);
  });

  it('discards one, which then cannot be replayed', async () => {
    const failed = await run('fails');
    expect((await post(`${failed}/discard`)).body).toMatchObject({ status: 'discarded', replay_run_id: null });
    const replay = await post(`${failed}/replay`);
    expect([replay.status, replay.body]).toMatchObject([409, { code: 'dead_letter_discarded' }]);
    expect((await post('none/discard')).status).toBe(404);
  });

  it('does the same to many, by filter and up to a bound', async () => {
    await Promise.all([run('lame'), run('lame'), run('lame')]);
    const open = await idsOf('workflow=lame');
    const replayed = (await post('bulk', { action: 'replay', filter: { workflow: 'lame' }, limit: 2 })).body;
    expect(replayed).toMatchObject({ refused: [], more: true });
    expect((replayed['done'] as JsonObject[]).map((entry) => textOf(entry, 'id')).toSorted()).toEqual(
      open.slice(0, 2).toSorted(),
    );
    for (const entry of replayed['done'] as JsonObject[]) await ended(textOf(entry, 'replay_run_id'));
    expect((await post('bulk', { action: 'discard' })).body).toMatchObject({ more: false, refused: [] });
    expect(await idsOf('limit=200')).toEqual([]);
    const unknown = await post('bulk', { action: 'discard', filter: { workflow: 'none' } });
    expect([unknown.status, unknown.body]).toMatchObject([404, { code: 'workflow_not_found' }]);
  });
});
