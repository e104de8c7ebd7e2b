import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { diffDefinitions, isSameDefinition } from './definition-diff.js';
import { definitionPatch } from './definition-patch.js';
import { applyOperations } from './json-patch.js';
import { WorkflowDefinitionSchema, type WorkflowDefinition } from './workflow-definition.js';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];

const definition: fc.Arbitrary<WorkflowDefinition> = fc
  .record({
    nodes: fc.uniqueArray(
      fc.record({
        id: fc.constantFrom(...IDS),
        type: fc.constantFrom('echo', 'wait'),
        depends_on: fc.subarray(IDS),
        config: fc.dictionary(fc.constantFrom('x', 'y'), fc.integer({ max: 2, min: 0 }), { maxKeys: 2 }),
      }),
      { minLength: 1, selector: ({ id }) => id },
    ),
    concurrency: fc.integer({ min: 1, max: 3 }),
    output: fc.option(fc.constantFrom(...IDS), { nil: undefined }),
    description: fc.option(fc.constantFrom('one', 'two'), { nil: undefined }),
  })
  .map(({ output, description, ...rest }) =>
    WorkflowDefinitionSchema.parse({ name: 'flow', ...rest, ...(output && { output }), ...(description && { description }) }),
  );

test('the operations from one definition to another make the other of the one', () => {
  fc.assert(
    fc.property(definition, definition, (before, after) => {
      const { document, problems } = applyOperations(before, definitionPatch(before, after), { maxDocumentBytes: 1e6 });
      expect(problems).toEqual([]);
      expect(document).toEqual(after);
    }),
    { numRuns: 500 },
  );
});

test('the diff one way is the diff the other way, turned round', () => {
  fc.assert(
    fc.property(definition, definition, (before, after) => {
      const [there, back] = [diffDefinitions(before, after), diffDefinitions(after, before)];
      expect(there.nodes.added.toSorted()).toEqual(back.nodes.removed.toSorted());
      expect(there.nodes.changed.toSorted()).toEqual(back.nodes.changed.toSorted());
      expect(new Set(there.edges.added)).toEqual(new Set(back.edges.removed));
      expect(isSameDefinition(there)).toBe(isSameDefinition(back));
      expect(isSameDefinition(diffDefinitions(before, structuredClone(before)))).toBe(true);
    }),
  );
});

test('what stays is not written again', () => {
  const nodes = IDS.map((id) => ({ id, type: 'echo' }));
  const of = (list: object[]): WorkflowDefinition => WorkflowDefinitionSchema.parse({ name: 'flow', nodes: list });
  expect(definitionPatch(of(nodes), of([...nodes.slice(0, 1), ...nodes.slice(2)]))).toEqual([{ op: 'remove', path: '/nodes/1' }]);
});
