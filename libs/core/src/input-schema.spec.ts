import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from './json.js';
import { inputRefusal, inputSchemaOf, inputSchemaProblems } from './input-schema.js';
import { WorkflowDefinitionSchema, type WorkflowDefinition } from './workflow-definition.js';

const definition = (schema?: JsonObject): WorkflowDefinition =>
  WorkflowDefinitionSchema.parse({ name: 'w', nodes: [{ id: 'a', type: 'echo' }], ...(schema && { input_schema: schema }) });

const NUMBER = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };

describe('the schema of inputs', () => {
  it('is none where a definition names none', () => {
    expect(inputSchemaOf(definition())).toBeNull();
    expect(inputSchemaProblems(definition())).toEqual([]);
  });

  it('refuses an input that does not fit, and says why', () => {
    const schema = inputSchemaOf(definition(NUMBER))!;
    expect(inputRefusal('w', schema, { n: 1 })).toBeNull();
    const refusal = inputRefusal('w', schema, { n: 'one' });
    expect(refusal).toMatchObject({ code: 'invalid_request', context: { workflow: 'w' } });
    expect(refusal!.options.problems).toEqual([{ pointer: '/input/n', message: expect.stringMatching(/number/) }]);
  });

  it('refuses an input whose check would hold everybody up', () => {
    const anyOf = Array.from({ length: 100 }, () => ({ type: 'number' }));
    const schema = inputSchemaOf(definition({ type: 'array', items: { anyOf } }))!;
    const numbers = (length: number): number[] => Array.from({ length }, (_, n) => n);
    expect(inputRefusal('w', schema, numbers(1_500))).toBeNull();
    expect(inputRefusal('w', schema, numbers(2_500))!.message).toContain('too large to be checked');
  });

  it('must be one whose check has a bound', () => {
    expect(inputSchemaProblems(definition({ type: 'string', pattern: '(a+)+$' }))).toMatchObject([
      { pointer: '/input_schema', code: 'schema', message: expect.stringContaining('pattern') },
    ]);
  });
});
