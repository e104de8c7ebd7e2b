import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BatonError, collectionName, silentLog, type JsonValue, type NodeContext, type RagSettings } from '@baton/core';
import { Backlog, NO_LIMITS, RagConfigurator, LiveRunLimits, RunStarter, type EngineObserver } from '@baton/engine';
import { ReembedNode, REEMBED_WORKFLOW } from '@baton/nodes';
import { MemoryRunLock, MemoryRunQueue } from '@baton/queue';
import { openDatabase, SqlTaskStore, SqlWorkflowStore, type Database } from '@baton/storage';
import { SqliteVectorStore } from '@baton/vectors';
import { handbook } from '../support/handbook.js';
import { LOCAL_SETTINGS, openRetrieval } from '../support/retrieval.js';

const TENANT = 'default';
const OLD = collectionName(LOCAL_SETTINGS);
const CHANGE = { dimensions: 256, chunkSize: 400, chunkOverlap: 50 };
const NEW = collectionName({ ...LOCAL_SETTINGS, ...CHANGE });

let database: Database;
let vectors: SqliteVectorStore;
let retrieval: ReturnType<typeof openRetrieval>;
let configurator: RagConfigurator;
let node: ReembedNode;
/** Chunks of the handbook as the change cuts it. */
let chunksAfter: number;

beforeEach(async () => {
  database = await openDatabase({ url: 'sqlite::memory:' });
  await database.migrate();
  vectors = new SqliteVectorStore({ path: ':memory:' });
  retrieval = openRetrieval(database, vectors);
  const { configs, reader, embedders, runs, clock, documents, indexer } = retrieval;
  const workflows = new SqlWorkflowStore(database);
  await workflows.publish(TENANT, REEMBED_WORKFLOW, 1);
  const starter = new RunStarter(
    {
      ...{ runs, workflows, clock, tasks: new SqlTaskStore(database) },
      ...{ locks: new MemoryRunLock({ prefix: '', ttlMs: 1_000 }), queue: new MemoryRunQueue() },
      ...{
        limits: new LiveRunLimits(workflows, NO_LIMITS),
        backlog: new Backlog({ runs, clock }, { maxQueued: 100, freshForMs: 500 }),
      },
      admitter: { ring: () => undefined },
      payloads: { keep: (_tenantId, value) => Promise.resolve(value) },
      observer: { runSubmitted: () => undefined } as unknown as EngineObserver,
    },
    { instanceId: 'test', taskWorkflow: 'answer', settleForMs: 10, maxInputBytes: 10_000 },
  );
  configurator = new RagConfigurator({ configs, reader, embedders, runs, workflows, starter, clock }, REEMBED_WORKFLOW.name);
  node = new ReembedNode({ configs, documents, vectors, indexer, clock }, { sharedCollection: 'shared', pageSize: 2 });
  await retrieval.ingestor.ingest(TENANT, handbook());
});
afterEach(async () => {
  await retrieval.runs.close();
  vectors.close();
  await database.close();
});

async function change(settings: Partial<RagSettings>): Promise<string> {
  const { config } = await configurator.view(TENANT);
  const { run } = await configurator.change(TENANT, { revision: config.revision, settings });
  return run!.id;
}

type Step = (key: string, run: () => Promise<JsonValue>) => Promise<JsonValue>;

/** A context whose finished steps outlive it: passed on, they are replayed. */
function contextOf(runId: string, journal: Map<string, JsonValue>, around: Step = (_, run) => run()): NodeContext {
  const { signal } = new AbortController();
  return {
    ...{ runId, tenantId: TENANT, taskId: null, nodeId: 'reembed', visit: 1, attempt: 1, idempotencyKey: 'k' },
    ...{ input: null, config: {}, outputs: {}, signal, log: silentLog },
    async step<T extends JsonValue>(key: string, fn: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
      if (!journal.has(key)) {
        const output = await around(key, async () => await fn(signal));
        journal.set(key, JSON.parse(JSON.stringify(output)) as JsonValue);
      }
      return journal.get(key) as T;
    },
  } as NodeContext;
}

async function expectSwitched(): Promise<void> {
  const { config } = await configurator.view(TENANT);
  expect(config).toMatchObject({ active: { ...LOCAL_SETTINGS, ...CHANGE }, next: null, leftovers: [] });
  expect(await vectors.list()).toEqual([NEW]);
  chunksAfter = await retrieval.documents.countChunks(TENANT);
  expect(await vectors.count(NEW, TENANT)).toBe(chunksAfter);
  const [hit] = await retrieval.searcher.search(TENANT, { query: 'How often does a worker renew its lease?' });
  expect(hit!.text).toContain('every second');
}

test('builds the new collection beside the old, switches, and drops the old', async () => {
  const before = await vectors.count(OLD, TENANT);
  const runId = await change(CHANGE);
  const seen: number[] = [];
  const output = await node.execute(
    contextOf(runId, new Map(), async (key, run) => {
      const result = await run();
      // Until the switch searches stay where they were, and find what they found.
      if (key.startsWith('page-')) {
        const hits = await retrieval.searcher.search(TENANT, { query: 'What is a poison run?' });
        expect(hits[0]!.text).toContain('claimed again and again');
        expect(await vectors.count(OLD, TENANT)).toBe(before);
        seen.push(await vectors.count(NEW, TENANT));
      }
      return result;
    }),
  );
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen).toHaveLength(Math.floor(handbook().length / 2) + 1);
  await expectSwitched();
  expect(output).toEqual({ collection: NEW, revision: 2, documents: handbook().length, chunks: chunksAfter, dropped: [OLD] });
  expect(chunksAfter).toBeGreaterThan(before);
});

test('a crash after any step, its result unjournaled, changes nothing about the outcome', async () => {
  const steps = ['begin', 'page-1', 'page-2', 'page-3', 'page-4', 'check', 'switch', 'tidy'];
  const runId = await change(CHANGE);
  const journal = new Map<string, JsonValue>();
  for (const fatal of steps) {
    const crash: Step = async (key, run) => {
      const output = await run();
      if (key === fatal) throw new Error('killed');
      return output;
    };
    await expect(node.execute(contextOf(runId, journal, crash))).rejects.toThrow('killed');
  }
  await node.execute(contextOf(runId, journal));
  expect([...journal.keys()]).toEqual(steps);
  await expectSwitched();
});

test('a page that was cut off is not written twice', async () => {
  const runId = await change(CHANGE);
  const journal = new Map<string, JsonValue>();
  const crash: Step = async (key, run) => {
    const output = await run();
    if (key === 'page-2') throw new Error('killed');
    return output;
  };
  await expect(node.execute(contextOf(runId, journal, crash))).rejects.toThrow('killed');
  const before = await vectors.count(NEW, TENANT);
  const counts: number[] = [];
  const { upsert } = vectors;
  vectors.upsert = async (collection, points) => {
    counts.push(points.length);
    await upsert.call(vectors, collection, points);
  };
  await node.execute(contextOf(runId, journal));
  await expectSwitched();
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(chunksAfter - before);
});

test('what is taken in, and what is removed, while it runs is right in the new collection', async () => {
  const runId = await change(CHANGE);
  const all = await retrieval.documents.list(TENANT, { limit: 9 });
  const removed = all.find(({ source }) => source === 'redis.md');
  await node.execute(
    contextOf(runId, new Map(), async (key, run) => {
      const output = await run();
      if (key === 'page-2') {
        await retrieval.ingestor.ingest(TENANT, [{ text: 'Quokkas smile at photographers.', media_type: 'text/plain' }]);
        await retrieval.documents.markRemoved(TENANT, removed!.id, 1);
        for (const name of await retrieval.reader.collections(TENANT)) await vectors.removeDocument(name, TENANT, removed!.id);
      }
      return output;
    }),
  );
  await expectSwitched();
  const [hit] = await retrieval.searcher.search(TENANT, { query: 'Which animals smile at photographers?' });
  expect(hit!.text).toBe('Quokkas smile at photographers.');
  expect(await vectors.count(NEW, TENANT, removed!.id)).toBe(0);
});

test('an incomplete collection is found before the switch, and completed', async () => {
  const runId = await change(CHANGE);
  const [lost] = await retrieval.documents.list(TENANT, { limit: 1 });
  await node.execute(
    contextOf(runId, new Map(), async (key, run) => {
      if (key === 'check') await vectors.removeDocument(NEW, TENANT, lost!.id);
      return await run();
    }),
  );
  await expectSwitched();
});

test('a document that is marked for removal while it is indexed leaves no vectors behind', async () => {
  const { documents, indexer } = retrieval;
  const [document] = await documents.list(TENANT, { limit: 1 });
  const { upsert } = vectors;
  vectors.upsert = async (collection, points) => {
    await upsert.call(vectors, collection, points);
    await documents.markRemoved(TENANT, document!.id, 1);
  };
  const settings = { ...LOCAL_SETTINGS, ...CHANGE };
  expect(await indexer.index(document!, settings)).toMatchObject({ written: 0 });
  expect(await vectors.count(NEW, TENANT)).toBe(0);
});

describe('a collection that others need', () => {
  test('of another tenant is emptied of this one, and stays', async () => {
    await retrieval.ingestor.ingest('two', handbook().slice(0, 1));
    const ofTwo = await vectors.count(OLD, 'two');
    await node.execute(contextOf(await change(CHANGE), new Map()));
    expect([await vectors.count(OLD, TENANT), await vectors.count(OLD, 'two')]).toEqual([0, ofTwo]);
  });

  test('of all who have no configuration is emptied, and stays', async () => {
    const { configs, documents, indexer, clock } = retrieval;
    const careful = new ReembedNode({ configs, documents, vectors, indexer, clock }, { sharedCollection: OLD });
    await careful.execute(contextOf(await change(CHANGE), new Map()));
    expect(await vectors.list()).toEqual([OLD, NEW].toSorted());
    expect(await vectors.count(OLD, TENANT)).toBe(0);
  });
});

describe('a change', () => {
  test('of the number of passages holds at once', async () => {
    const { run, view } = await configurator.change(TENANT, { revision: 0, settings: { topK: 2 } });
    expect([run, view.status, view.config.revision]).toEqual([null, 'active', 1]);
    expect(await retrieval.searcher.search(TENANT, { query: 'lease' })).toHaveLength(2);
  });

  test('against another revision is refused, and tells the right one', async () => {
    await configurator.change(TENANT, { revision: 0, settings: { topK: 2 } });
    const stale = configurator.change(TENANT, { revision: 0, settings: { topK: 3 } });
    await expect(stale).rejects.toMatchObject({ code: 'stale_revision', context: { revision: 1 } });
  });

  test('is one of two at once', async () => {
    const both = ['one', 'two'].map((collection) => configurator.change(TENANT, { revision: 0, settings: { collection } }));
    const settled = await Promise.allSettled(both);
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: expect.stringMatching(/stale_revision|reembedding/) },
    });
  });

  test('is refused while a run is live', async () => {
    const runId = await change(CHANGE);
    expect(await configurator.view(TENANT)).toMatchObject({ status: 'reembedding', config: { active: LOCAL_SETTINGS } });
    const second = configurator.change(TENANT, { revision: 1, settings: { topK: 2 } });
    await expect(second).rejects.toMatchObject({ code: 'reembedding', context: { reembed_run_id: runId } });
  });

  test.each<[string, Partial<RagSettings>, string]>([
    ['an overlap that eats the chunk', { chunkSize: 200, chunkOverlap: 150 }, '/chunk_overlap'],
    ['a size that the local model cannot make', { dimensions: 300 }, '/dimensions'],
    ['a model that nobody serves', { model: 'text-embedding-3-small' }, '/model'],
  ])('to %s is refused, and changes nothing', async (_, settings, pointer) => {
    const refused = configurator.change(TENANT, { revision: 0, settings });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request', options: { problems: [{ pointer }] } });
    expect((await configurator.view(TENANT)).config).toMatchObject({ revision: 0, next: null });
  });

  test('whose run was never accepted counts as failed, and can be made again', async () => {
    const { configs } = retrieval;
    const config = (await configs.find(TENANT))!;
    const next = { ...LOCAL_SETTINGS, dimensions: 1_024 };
    await configs.replace({ ...config, next, runId: randomUUID(), revision: 1 }, 0);
    await vectors.prepare(collectionName(next), 1_024);
    expect(await configurator.view(TENANT)).toMatchObject({ status: 'failed', config: { active: LOCAL_SETTINGS } });
    await node.execute(contextOf(await change(CHANGE), new Map()));
    await expectSwitched();
  });
});

test('a run that nobody asked for ends at once, and for good', async () => {
  const stray = node.execute(contextOf(randomUUID(), new Map()));
  await expect(stray).rejects.toMatchObject({ code: 'stale_revision', options: { retryable: false } });
  expect(await vectors.list()).toEqual([OLD]);
});

test('a model that fails leaves everything as it was', async () => {
  const runId = await change(CHANGE);
  retrieval.embedders.open = () => {
    throw new BatonError('model_failed', 'There is no such model.', {}, { retryable: false });
  };
  await expect(node.execute(contextOf(runId, new Map()))).rejects.toMatchObject({ code: 'model_failed' });
  expect((await retrieval.configs.find(TENANT))!.active).toEqual(LOCAL_SETTINGS);
  expect(await vectors.count(OLD, TENANT)).toBeGreaterThan(0);
});
