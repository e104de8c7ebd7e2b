import { describe, expect, test } from '@jest/globals';
import { splitBlocks, splitSections } from './markdown-section.js';

describe('sections', () => {
  test('carry the path of their headings', () => {
    const sections = splitSections('intro\n# A\na\n## B ##\nb\n\nb2\n### C\nc\n## D\nd\n# E\ne');
    expect(sections).toEqual([
      { path: [], body: 'intro' },
      { path: ['A'], body: 'a' },
      { path: ['A', 'B'], body: 'b\n\nb2' },
      { path: ['A', 'B', 'C'], body: 'c' },
      { path: ['A', 'D'], body: 'd' },
      { path: ['E'], body: 'e' },
    ]);
  });

  test('headings that skip a level nest all the same', () => {
    expect(splitSections('# A\n#### B\nb\n## C\nc').map(({ path }) => path)).toEqual([
      ['A', 'B'],
      ['A', 'C'],
    ]);
  });

  test('what looks like a heading in fenced code is code', () => {
    const code = '~~~sh\n# no heading\n```\n~~~~';
    expect(splitSections(`# A\n${code}\n# B\nb`)).toEqual([
      { path: ['A'], body: code },
      { path: ['B'], body: 'b' },
    ]);
  });

  test('a heading without text is kept where nothing stands below it', () => {
    expect(splitSections('# A\n## B\n## C\nc\n# D').map(({ path }) => path.join('/'))).toEqual(['A/B', 'A/C', 'D']);
  });

  test('a line of marks, a line without a blank, and a line too long are text', () => {
    const text = `#\n#tag\n# ${'x'.repeat(300)}`;
    expect(splitSections(text)).toEqual([{ path: [], body: text }]);
  });
});

describe('blocks', () => {
  test('end at blank lines', () => {
    expect(splitBlocks('a\nb\n\n \nc\n')).toEqual(['a\nb', 'c']);
  });

  test('hold fenced code together, also where its fence never closes', () => {
    expect(splitBlocks('a\n\n```ts\nx\n\ny\n``` no end\n\n```\n\nb')).toEqual(['a', '```ts\nx\n\ny\n``` no end\n\n```', 'b']);
    expect(splitBlocks('~~~\nx\n\ny')).toEqual(['~~~\nx\n\ny']);
  });
});
