import { describe, expect, it } from '@jest/globals';
import { flowOf, nodesOf } from './definition.js';
import { addNode, addNodes, connect, disconnect, EditRefused, removeNodes, renameNode, updateNode } from './graph-edits.js';
import type { JsonObject } from './json.js';
import { readYaml } from './yaml-text.js';

const TEXT = `# Who reads this?
name: review # the name stays
nodes:
  # writes
  - id: draft
    type: agent
    config: { role: 'draft' } # in one line

  - id: check
    type: condition
    depends_on: [draft]
    config:
      if: nodes.draft.output.answer.contains("ok")
      then: [publish]
  - id: publish
    type: transform
    depends_on: [draft, check]
    when: nodes.check.output.result
    input: { text: '\${{ nodes.draft.output.answer }} by \${{ nodes["draft"].status }}' }
output: publish
`;

const edges = (text: string): string[] =>
  flowOf(nodesOf(readYaml(text).json)).map(({ id, after }) => `${id} < ${after.join(',')}`);

describe('edits of a definition as a graph', () => {
  it('adds a node behind others, leaving the rest of the text as its author wrote it', () => {
    const { text, id } = addNode(TEXT, { type: 'continue_as_new', config: {}, after: ['publish'] });
    expect(id).toBe('continue-as-new');
    expect(text).toBe(
      TEXT.replace(
        'output: publish\n',
        '  - id: continue-as-new\n    type: continue_as_new\n    depends_on: [publish]\noutput: publish\n',
      ),
    );
  });

  it('begins a definition from nothing, and gives ids that nobody has', () => {
    const first = addNode('', { type: 'echo', config: { text: 'hello' } });
    const second = addNode(first.text, { type: 'echo', config: {}, after: [first.id] });
    expect([first.id, second.id]).toEqual(['echo', 'echo-2']);
    expect(second.text).toBe(
      'nodes:\n  - id: echo\n    type: echo\n    config:\n      text: hello\n  - id: echo-2\n    type: echo\n    depends_on: [echo]\n',
    );
  });

  it('connects and disconnects, and refuses a circle', () => {
    const connected = connect(
      connect('nodes: [{ id: a, type: echo }, { id: b, type: echo }, { id: c, type: echo }]', 'a', 'b'),
      'b',
      'c',
    );
    expect(edges(connected)).toEqual(['a < ', 'b < a', 'c < b']);
    expect(connect(connected, 'a', 'b')).toBe(connected);
    expect(() => connect(connected, 'c', 'a')).toThrow(EditRefused);
    expect(() => connect(connected, 'a', 'a')).toThrow(EditRefused);
    expect(edges(disconnect(connected, 'a', 'b'))).toEqual(['a < ', 'b < ', 'c < b']);
  });

  it('removes a node with every mention of it', () => {
    const text = removeNodes(TEXT, ['publish']);
    expect(text).not.toContain('publish');
    expect(text).toContain('# in one line');
    expect(edges(removeNodes(TEXT, ['draft']))).toEqual(['check < ', 'publish < check']);
  });

  it('renames a node wherever it is named', () => {
    const text = renameNode(TEXT, 'draft', 'first-draft');
    expect(edges(text)).toEqual(['first-draft < ', 'check < first-draft', 'publish < first-draft,check']);
    expect(text).toContain(`nodes["first-draft"].output.answer.contains("ok")`);
    expect(text).toContain('${{ nodes["first-draft"].output.answer }} by ${{ nodes["first-draft"].status }}');
    expect(renameNode(TEXT, 'publish', 'ship')).toContain('output: ship');
    expect(() => renameNode(TEXT, 'draft', 'check')).toThrow('Another node has the id `check`.');
    expect(() => renameNode(TEXT, 'draft', 'a b')).toThrow(EditRefused);
  });

  it('writes what a form has changed and nothing else', () => {
    const value = { ...nodesOf(readYaml(TEXT).json)[0]!.value, config: { role: 'review', max_turns: 3 }, depends_on: [] };
    expect(updateNode(TEXT, 'draft', value)).toBe(
      TEXT.replace("{ role: 'draft' } # in", "{ role: 'review', max_turns: 3 } # in").replace(
        '    type: agent\n',
        '    type: agent\n    depends_on: []\n',
      ),
    );
    expect(updateNode(TEXT, 'draft', nodesOf(readYaml(TEXT).json)[0]!.value)).toBe(TEXT);
  });

  it('adds what a pattern makes, under ids of its own where they are taken', () => {
    const made: JsonObject[] = [
      { id: 'draft', type: 'agent' },
      { id: 'sum', type: 'agent', depends_on: ['draft'], when: 'nodes.draft.status == "completed"' },
    ];
    const { text, ids } = addNodes(TEXT, made);
    expect(ids).toEqual(['draft-2', 'sum']);
    expect(edges(text)).toEqual(['draft < ', 'check < draft', 'publish < draft,check', 'draft-2 < ', 'sum < draft-2']);
    expect(text).toContain('nodes["draft-2"].status');
  });

  it('touches no text that is not YAML', () => {
    expect(() => addNode('nodes: [', { type: 'echo', config: {} })).toThrow(EditRefused);
    expect(() => addNode('- a', { type: 'echo', config: {} })).toThrow(EditRefused);
  });

  it('keeps lists as far in as the author has them', () => {
    const flat = 'nodes:\n- id: a\n  type: echo\n';
    expect(addNode(flat, { type: 'echo', config: {}, id: 'b' }).text).toBe(`${flat}- id: b\n  type: echo\n`);
  });
});
