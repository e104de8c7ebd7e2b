import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AgentSpecSchema, type Agent, type AgentSpec } from '@baton/core';
import { SqlAgentStore } from '@baton/storage';
import { v7 as uuid } from 'uuid';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';

const spec = (fields: Partial<AgentSpec> = {}): AgentSpec =>
  AgentSpecSchema.parse({ name: 'writer', role: 'draft', instructions: 'Schreibe 😀', ...fields });
const agent = (fields: Partial<Agent> = {}): Agent => ({
  ...spec(),
  ...{ id: uuid(), tenantId: 'default', createdAt: 1_000, updatedAt: 1_000 },
  ...fields,
});

describe.each(DATABASE_KINDS)('AgentStore on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let agents: SqlAgentStore;

  beforeEach(async () => {
    agents = new SqlAgentStore(await (await bench.fresh()).open());
  });
  afterEach(() => bench.closeAll());
  afterAll(() => bench.stop());

  test('keeps an agent whole', async () => {
    const kept = agent({ tools: ['search', 'http'], limits: { max_tokens: 10, timeout: 1.5 }, model: 'm' });
    expect(await agents.create(kept)).toEqual({ kind: 'kept', agent: kept });
    expect(await agents.find('default', kept.id)).toEqual(kept);
    expect(await agents.findByName('default', 'writer')).toEqual(kept);
    expect(await agents.find('acme', kept.id)).toBeNull();
    expect(await agents.findByName('default', 'Writer')).toBeNull();
  });

  test('gives a name once in a tenant, and again to the same agent', async () => {
    const first = agent();
    await agents.create(first);
    expect(await agents.create(agent())).toEqual({ kind: 'name_taken', agentId: first.id });
    expect(await agents.create(first)).toEqual({ kind: 'kept', agent: first });
    expect((await agents.create(agent({ tenantId: 'acme' }))).kind).toBe('kept');
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => agents.create(agent({ name: 'raced' }))));
    expect(outcomes.filter((outcome) => outcome.kind === 'kept')).toHaveLength(1);
  });

  test('replaces all that may change', async () => {
    const first = agent();
    const other = agent({ name: 'reviewer' });
    await agents.create(first);
    await agents.create(other);
    const next = spec({ name: 'author', role: 'review', instructions: '', tools: ['search'] });
    const replaced = { ...first, ...next, updatedAt: 2_000 };
    expect(await agents.replace('default', first.id, next, 2_000)).toEqual({ kind: 'kept', agent: replaced });
    expect(await agents.find('default', first.id)).toEqual(replaced);
    expect(await agents.replace('default', first.id, spec({ name: 'reviewer' }), 3_000)).toEqual({
      ...{ kind: 'name_taken', agentId: other.id },
    });
    expect(await agents.replace('acme', first.id, next, 3_000)).toEqual({ kind: 'missing' });
  });

  test('lists by name, page by page', async () => {
    for (const name of ['c', 'a', 'B', 'b']) await agents.create(agent({ name }));
    const first = await agents.list('default', { limit: 3 });
    const rest = await agents.list('default', { afterName: first.at(-1)!.name, limit: 3 });
    expect([first, rest].map((page) => page.map(({ name }) => name))).toEqual([['B', 'a', 'b'], ['c']]);
  });
});
