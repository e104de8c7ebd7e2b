import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '@baton/core';
import { readDefinition } from './read-definition.js';

const read = (text: string, maxBytes = 100_000) =>
  readDefinition({ format: 'yaml', text }, { maxBytes: 0, maxYamlBytes: maxBytes });
const messagesOf = (text: string, maxBytes?: number): string[] => read(text, maxBytes).problems.map(({ message }) => message);

describe('a definition in YAML', () => {
  it('is read as YAML 1.2: what looks like a boolean of 1.1 is text', () => {
    const { json, source, problems } = read('a: yes\nb: 010\nc: 2026-01-01\nd: ~\n? e\n: [1, "x"]\n');
    expect(problems).toEqual([]);
    expect(json).toEqual({ a: 'yes', b: 10, c: '2026-01-01', d: null, e: [1, 'x'] });
    expect(source).toEqual({ format: 'yaml', text: expect.stringContaining('a: yes') });
  });

  it('may use aliases, in bounds', () => {
    expect(read('base: &b {x: 1}\nuse: [*b, *b]').json).toEqual({ base: { x: 1 }, use: [{ x: 1 }, { x: 1 }] });
  });

  it.each<[string, string, RegExp]>([
    ['a doubled key', 'a: 1\nb:\n  c: 1\n  c: 2\n', /the key `c` stands twice/],
    ['a key that repeats in another way', '{"a": 1, a: 2}', /the key `a` stands twice/],
    ['a tag that is not of the core schema', 'a: !!binary aGk=', /^line 1, column 4: Unresolved tag/],
    ["a tag of one's own", 'a: !evil x', /Unresolved tag/],
    ['an older version of YAML', '%YAML 1.1\n---\na: yes', /only YAML 1.2/],
    ['two documents', 'a: 1\n---\nb: 2', /multiple documents/],
    ['a fault of syntax, at its place', 'a: [1,\nb: 2', /^line \d+, column \d+: /],
    ['a key that is no text', '? [a]\n: 1', /keys must be strings/i],
    ['an alias of nothing', 'a: *b', /Unresolved alias/i],
    ['nesting without end', '['.repeat(20_000), /nested too deeply|call stack/],
  ])('is refused for %s', (_what, text, message) => {
    const { json, problems } = read(text);
    expect(problems[0]!.message).toMatch(message);
    expect(problems[0]!.code).toBe('syntax');
    expect(json).toBeNull();
  });

  it('has few aliases, since each is looked up in all of the document', () => {
    const text = Array.from({ length: 101 }, (_, n) => `- &a${n} x\n- *a${n}`).join('\n');
    expect(messagesOf(text)).toEqual(['101 aliases; at most 100 are allowed']);
  });

  it('does not expand aliases of aliases', () => {
    const levels = Array.from(
      { length: 9 },
      (_, n) => `l${n}: &l${n} [${Array.from({ length: 9 }, () => (n === 0 ? 'x' : `*l${n - 1}`)).join(', ')}]`,
    );
    expect(messagesOf(levels.join('\n'))[0]).toMatch(/alias/i);
  });

  it('does not become larger than allowed by aliases of one large node', () => {
    const text = `big: &big ${'x'.repeat(5_000)}\nuse: [${Array.from({ length: 50 }, () => '*big').join(', ')}]`;
    expect(messagesOf(text)).toEqual(['with its aliases expanded the definition has more than 100000 bytes']);
  });

  it('does not follow an alias of itself', () => {
    expect(read('a: &a [*a]')).toMatchObject({ json: null, problems: [{ code: 'limit_exceeded' }] });
  });

  it('is refused when it is too large, before it is read', () => {
    expect(messagesOf(`a: ${'x'.repeat(100)}`, 50)).toEqual(['the definition has 103 bytes; at most 50 are allowed']);
  });

  it('finds a doubled key among very many, at once', () => {
    const started = performance.now();
    const keys = Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`).join('\n');
    expect(messagesOf(`${keys}\nk7: 2`, 10_000_000)).toEqual(['the key `k7` stands twice in one map']);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('makes no prototype of a key', () => {
    const { json } = read('__proto__: {polluted: true}');
    expect(Object.getPrototypeOf(json)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('a definition in JSON', () => {
  const ofJson = (json: JsonValue) => readDefinition({ format: 'json', json }, { maxBytes: 100, maxYamlBytes: 100 });

  it('stands bare or under `definition`, as an object or as text', () => {
    expect(ofJson({ name: 'a' })).toMatchObject({
      json: { name: 'a' },
      pointer: '',
      source: { format: 'json', text: '{"name":"a"}' },
    });
    expect(ofJson({ definition: { name: 'a' } })).toMatchObject({ json: { name: 'a' }, pointer: '/definition' });
    expect(ofJson({ definition: 'name: a' })).toMatchObject({
      json: { name: 'a' },
      pointer: '/definition',
      source: { format: 'yaml', text: 'name: a' },
    });
  });

  it('is refused when it is too large', () => {
    expect(ofJson({ name: 'x'.repeat(100) }).problems).toMatchObject([{ code: 'limit_exceeded' }]);
  });
});
