import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AgentToolbox, LocalChatModel } from '@baton/agents';
import { silentLog, type JsonObject, type PassageSearch } from '@baton/core';
import { AgentNode, ANSWER_AGENTS, ANSWER_WORKFLOW, NodeHandlers, RetrieveNode } from '@baton/nodes';
import { openDatabase, SqlAgentStore, type Database } from '@baton/storage';
import { SqliteVectorStore } from '@baton/vectors';
import { FOREIGN_QUESTIONS, handbook, HANDBOOK_QUESTIONS } from '../support/handbook.js';
import { openRetrieval } from '../support/retrieval.js';

const TENANT = 'default';
const vectors = new SqliteVectorStore({ path: ':memory:' });
let searcher: PassageSearch;
let database: Database;
let handlers: NodeHandlers;

beforeAll(async () => {
  database = await openDatabase({ url: 'sqlite::memory:' });
  await database.migrate();
  const agents = new SqlAgentStore(database);
  for (const spec of ANSWER_AGENTS) {
    await agents.create({ ...spec, id: spec.name, tenantId: TENANT, createdAt: 1, updatedAt: 1 });
  }
  const retrieval = openRetrieval(database, vectors);
  ({ searcher } = retrieval);
  handlers = new NodeHandlers([
    new RetrieveNode(searcher),
    new AgentNode({ model: new LocalChatModel(), agents, tools: new AgentToolbox() }),
  ]);
  await retrieval.ingestor.ingest(TENANT, handbook());
});
afterAll(async () => {
  vectors.close();
  await database.close();
});

/** Runs the built-in workflow node by node; its definition lists them in an order that fits. */
async function answer(question: string): Promise<JsonObject> {
  const outputs: JsonObject = {};
  for (const { id, type, config, depends_on: dependencies } of ANSWER_WORKFLOW.nodes) {
    outputs[id] = await handlers.get(type)!.execute({
      runId: 'run',
      tenantId: TENANT,
      taskId: null,
      startedBy: null,
      reserve: () => Promise.resolve(false),
      nodeId: id,
      visit: 1,
      attempt: 1,
      idempotencyKey: `run/${id}/1`,
      input: { question },
      config,
      outputs: Object.fromEntries(dependencies.map((name) => [name, outputs[name]!])),
      signal: new AbortController().signal,
      log: silentLog,
      step: async (_, fn) => await fn(new AbortController().signal),
      waitFor: () => Promise.reject(new Error('nothing waits')),
      concurrency: 1,
      last: null,
      evaluate: () => null,
      render: () => null,
      patch: () => Promise.reject(new Error('nothing patches')),
      skip: () => undefined,
      repeat: () => undefined,
      continueAsNew: () => undefined,
      runChildren: () => Promise.reject(new Error('no child runs here')),
    });
  }
  return outputs['synthesise'] as JsonObject;
}

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('retrieval with the local embedder', () => {
  test(`finds the right passage for ${HANDBOOK_QUESTIONS.length} questions: always among the first three, mostly first`, async () => {
    const ranks = await Promise.all(
      HANDBOOK_QUESTIONS.map(async ({ question, passage }) => {
        const hits = await searcher.search(TENANT, { query: question, limit: 10 });
        return { question, rank: hits.findIndex(({ text }) => flat(text).includes(passage)) };
      }),
    );
    expect(ranks.filter(({ rank }) => rank < 0 || rank > 2)).toEqual([]);
    expect(ranks.filter(({ rank }) => rank === 0).length).toBeGreaterThanOrEqual(26);
  });

  test('every question has one right passage in the corpus', async () => {
    const everything = await searcher.search(TENANT, { query: 'Baton', limit: 100 });
    expect(everything).toHaveLength(28);
    for (const { passage } of HANDBOOK_QUESTIONS) {
      expect([passage, everything.filter(({ text }) => flat(text).includes(passage)).length]).toEqual([passage, 1]);
    }
  });
});

describe('the built-in workflow with the local model', () => {
  test('answers most questions right, with citations of passages that say it', async () => {
    const wrong: string[] = [];
    for (const { question, answer: expected } of HANDBOOK_QUESTIONS) {
      const { answer: text, citations } = (await answer(question)) as { answer: string; citations: { text: string }[] };
      const isCited = citations.some((citation) => flat(citation.text).includes(expected));
      if (!flat(text).includes(expected) || !isCited) wrong.push(question);
    }
    expect(HANDBOOK_QUESTIONS.length - wrong.length).toBeGreaterThanOrEqual(24);
  });

  test.each(FOREIGN_QUESTIONS)('says that it has no answer to: %s', async (question) => {
    expect(await answer(question)).toMatchObject({ answer: expect.stringMatching(/^The passages do not answer/), citations: [] });
  });

  test('a person reads the answer first, then what it rests on', async () => {
    const output = await answer('What is a poison run?');
    expect(Object.keys(output).slice(0, 4)).toEqual(['answer', 'citations', 'question', 'reviewed']);
    expect(output).toMatchObject({
      answer: expect.stringMatching(
        /^A run that was claimed again and again without progress is poison\. \[1\][\s\S]*\n\nSources:\n\[1\] Workers$/,
      ),
      citations: [
        { n: 1, title: 'Workers', document_id: expect.any(String), chunk_id: expect.any(String), text: expect.any(String) },
      ],
      question: 'What is a poison run?',
      reviewed: expect.stringMatching(/^(\d) of \1 claims are supported/),
    });
  });
});
