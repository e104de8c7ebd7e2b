import { describe, expect, it } from '@jest/globals';
import { FlowElements } from './flow-elements.js';
import { layoutGraph } from './graph-layout.js';

describe('what the canvas draws', () => {
  it('is the same object again, but for the node that has moved on and the edges beside it', () => {
    const elements = new FlowElements();
    const nodesWith = (status: string) =>
      ['a', 'b', 'c', 'd'].map((id, n) => ({
        ...{ id, title: id, kind: 'echo', after: n === 0 ? [] : ['abc'[n - 1]!] },
        status: id === 'b' ? status : 'pending',
      }));
    const layout = layoutGraph(nodesWith('pending'), 'LR');
    const drawn = (status: string) => [
      ...elements.nodes(layout, nodesWith(status), undefined, false),
      ...elements.edges(layout, nodesWith(status)),
    ];
    let before = drawn('pending');
    const changed = (status: string): string[] => {
      const now = drawn(status);
      const anew = now.filter((one) => !before.includes(one));
      before = now;
      return anew.map(({ id }) => id);
    };
    expect(changed('pending')).toEqual([]);
    expect(changed('running')).toEqual(['b', 'a b']);
    expect(changed('completed')).toEqual(['b', 'a b', 'b c']);
  });

  it('names its nodes to everybody: a name needs a role', () => {
    const node = { id: 'a', title: 'Read it', kind: 'echo', after: [] };
    const [card] = new FlowElements().nodes(layoutGraph([node], 'LR'), [node], undefined, false);
    expect(card).toMatchObject({ ariaLabel: 'Read it', ariaRole: 'group' });
  });
});
