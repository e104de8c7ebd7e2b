import { describe, expect, it } from '@jest/globals';
import { shippedPatterns } from '@baton/agents';
import { validateDefinition, type JsonObject } from '@baton/core';
import { configJsonSchema, configProblems, NODE_TYPE_CATALOG } from './node-type-catalog.js';
import { researchWorkflow, searchWorkflow } from './research-workflow.js';

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

describe('configProblems', () => {
  it.each<[string, JsonObject, string[]]>([
    ['http', {}, ['/url this field is missing']],
    ['http', { url: 'https://a.example', methd: 'GET' }, ['/methd this field is not known']],
    ['approval', { titel: '${{ input.title }}' }, ['/titel this field is not known']],
    ['agent', { role: 'x', tools: 'search' }, ['/tools Invalid input: expected array, received string']],
    ['wait', { seconds: '10' }, ['/seconds Invalid input: expected number, received string']],
    ['wait', { seconds: '${{ input.seconds }}' }, []],
    ['agent', { role: 'x', tools: '${{ input.tools }}', max_turns: '${{ input.turns }}' }, []],
    ['http', { url: '${{ input.url }}', query: { n: ['${{ input.n }}', {}] } }, []],
    ['transform', { expresion: 'input' }, [' set either `value` or `expression`']],
    ['own', { anything: 1 }, []],
  ])('of %s, whatever its placeholders will be: %j', (type, config, expected) => {
    expect(configProblems(type, config).map(({ pointer, message }) => `${pointer} ${message}`)).toEqual(expected);
  });

  it('finds nothing in what Baton makes itself', () => {
    const context = {
      limits: { maxBytes: 1e6, maxYamlBytes: 1e6, maxNodes: 1e3, maxEdges: 1e4, maxDepth: 100 },
      capacity: { agents: 1e3, cpu: 1e3, memory: 1e12 },
      agents: new Set<string>(),
      nodeTypes: new Set<string>(),
      patterns: new Map(shippedPatterns().map((pattern) => [pattern.name, pattern])),
      checkConfig: configProblems,
    };
    const made = shippedPatterns().map(({ name, example }) => ({ name, orchestration_pattern: name, parameters: example }));
    const written = [researchWorkflow({ workers: 4, syntheses: 2 }), searchWorkflow(3)] as unknown as JsonObject[];
    for (const definition of [...written, ...made]) {
      const { errors, warnings } = validateDefinition(definition, context);
      expect([definition['name'], errors, warnings]).toEqual([definition['name'], [], []]);
    }
  });
});
