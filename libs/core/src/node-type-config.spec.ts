import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { validateDefinition } from './definition-validation.js';
import type { JsonObject } from './json.js';

const LIMITS = { maxBytes: 1_000_000, maxYamlBytes: 1_000_000, maxNodes: 100, maxEdges: 200, maxDepth: 20 };

/** `pointer code` of each error of these nodes; the last one is a `transform` after the first unless it says otherwise. */
function errorsOf(...nodes: JsonObject[]): string[] {
  const context = {
    limits: LIMITS,
    capacity: { agents: 10, cpu: 10, memory: 1e9 },
    agents: new Set<string>(),
    nodeTypes: new Set<string>(),
  };
  return validateDefinition({ name: 'flow', nodes }, context).errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

const node = (type: string, config: JsonObject, more: JsonObject = {}): JsonObject => ({ id: 'n', type, config, ...more });
const after = (id: string): JsonObject => ({ id, type: 'echo', depends_on: ['n'] });

describe('an expression in a config', () => {
  it.each<[string, JsonObject, string]>([
    ['transform', { expression: 'input.' }, '/expression'],
    ['condition', { if: '1 +' }, '/if'],
    [
      'switch',
      {
        cases: [
          { when: 'true', then: [] },
          { when: 'nope', then: [] },
        ],
      },
      '/cases/1/when',
    ],
    ['map', { items: 'input[', body: { type: 'echo' } }, '/items'],
    ['map', { items: 'input', body: { type: 'http', config: { url: 'x', output: 'response..a' } } }, '/body/config/output'],
    ['loop', { until: 'visit >', max_visits: 1, body: { type: 'echo' } }, '/until'],
    ['http', { url: 'https://a.example', output: 'answer.body' }, '/output'],
  ])('of a %s that is wrong is found: %j', (type, config, pointer) => {
    expect(errorsOf(node(type, config))).toEqual([`/nodes/0/config${pointer} bad_expression`]);
  });

  it('names only nodes that come before, also in a body and in what undoes a node', () => {
    const later = { id: 'later', type: 'echo' };
    expect(errorsOf(node('condition', { if: 'nodes.later.output' }), later)).toEqual(['/nodes/0/config/if not_upstream']);
    const body = { type: 'transform', config: { expression: 'nodes.missing.output' } };
    expect(errorsOf(node('map', { items: 'input', body }))).toEqual(['/nodes/0/config/body/config/expression unknown_reference']);
    const compensate = {
      type: 'map',
      config: { items: 'nodes.n.output', body: { type: 'transform', config: { value: '${{ ( }}' } } },
    };
    expect(errorsOf(node('echo', {}, { compensate }))).toEqual(['/nodes/0/compensate/config/body/config/value bad_expression']);
  });

  it('may also be a placeholder, and other types may use the names for what they like', () => {
    expect(
      errorsOf(node('condition', { if: '${{ input.yes }}' }), node('own', { if: 'not CEL', until: '(' }, { id: 'm' })),
    ).toEqual([]);
  });
});

describe('a branch', () => {
  it('names nodes that come directly after its own', () => {
    const condition = { if: 'true', then: ['a', 'far'], else: ['nobody'] };
    expect(errorsOf(node('condition', condition), after('a'), { id: 'far', type: 'echo', depends_on: ['a'] })).toEqual([
      '/nodes/0/config/then/1 unknown_reference',
      '/nodes/0/config/else/0 unknown_reference',
    ]);
    const cases = [
      { equals: 1, then: ['a'] },
      { equals: 2, then: ['b'] },
    ];
    expect(errorsOf(node('switch', { value: 1, cases, default: ['c'] }), after('a'))).toEqual([
      '/nodes/0/config/cases/1/then/0 unknown_reference',
      '/nodes/0/config/default/0 unknown_reference',
    ]);
  });
});

describe('a body', () => {
  const map = (body: JsonObject): JsonObject => ({ items: 'input', body });

  it.each(['wait', 'approval', 'loop'])('of a map is no %s, however deep', (type) => {
    expect(errorsOf(node('map', map({ type })))).toEqual(['/nodes/0/config/body/type schema']);
    expect(errorsOf(node('map', map({ type: 'map', config: map({ type }) })))).toEqual([
      '/nodes/0/config/body/config/body/type schema',
    ]);
  });

  it('of a loop may wait, but is no loop', () => {
    const loop = (type: string): JsonObject => ({ until: 'true', max_visits: 2, body: { type } });
    expect(errorsOf(node('loop', loop('wait')))).toEqual([]);
    expect(errorsOf(node('loop', loop('loop')))).toEqual(['/nodes/0/config/body/type schema']);
  });

  it('that undoes a node neither waits nor repeats itself', () => {
    expect(errorsOf(node('echo', {}, { compensate: { type: 'wait' } }))).toEqual(['/nodes/0/compensate/type schema']);
    expect(errorsOf(node('echo', {}, { compensate: { type: 'map', config: map({ type: 'approval' }) } }))).toEqual([
      '/nodes/0/compensate/config/body/type schema',
    ]);
  });
});

describe('the guide to nodes', () => {
  const text = readFileSync(new URL('../../../docs/nodes.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => JSON.parse(json!) as JsonObject);
  const examples = blocks.filter((block) => Object.hasOwn(block, 'type'));

  it.each(examples)('gives a node of the type $type that is valid', (example) => {
    const named = new Set(
      JSON.stringify(example)
        .match(/"(ask|pay|card|bill|cash)"/g)
        ?.map((name) => name.slice(1, -1)),
    );
    const others = [...named].map((id) => ({ id, type: 'echo', depends_on: [example['id']!] }));
    const before = JSON.stringify(example).includes('nodes.find') ? [{ id: 'find', type: 'echo' }] : [];
    expect(errorsOf(...before, { ...example, depends_on: before.map(({ id }) => id) }, ...others)).toEqual([]);
  });
});
