import { describe, expect, it } from '@jest/globals';
import { configJsonSchema, NODE_TYPE_CATALOG } from './node-type-catalog.js';

describe('the catalog of node types', () => {
  it.each(NODE_TYPE_CATALOG.map((entry) => [entry.type, entry] as const))('%s: its example is a valid config', (_type, entry) => {
    expect(entry.schema.safeParse(entry.example).error).toBeUndefined();
  });

  it.each(NODE_TYPE_CATALOG.map((entry) => [entry.type, entry] as const))(
    '%s: its schema is one of an object',
    (_type, entry) => {
      const json = configJsonSchema(entry);
      expect(json['type'] ?? (json['anyOf'] as { type: string }[])[0]!.type).toBe('object');
      expect(JSON.stringify(json)).not.toContain('$ref');
    },
  );

  it('tells of a field what its author is to know', () => {
    const wait = NODE_TYPE_CATALOG.find(({ type }) => type === 'wait')!;
    expect(configJsonSchema(wait)).toMatchObject({
      properties: { seconds: { description: expect.stringContaining('Seconds to wait') } },
    });
  });
});
