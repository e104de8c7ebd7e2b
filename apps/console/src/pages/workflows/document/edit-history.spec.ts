import { describe, expect, it } from '@jest/globals';
import { editHistory, openHistory, type Edit } from './edit-history.js';

const after = (...edits: Edit[]) => edits.reduce(editHistory, openHistory('a'));
const UNDO: Edit = { kind: 'undo' };

describe('the history of a text', () => {
  it('undoes keystrokes that came together, together', () => {
    const typed: Edit[] = ['ab', 'abc', 'abcd'].map((text, index) => ({ kind: 'type', text, at: 1_000 + index * 500 }));
    expect(after(...typed).past).toEqual(['a']);
    expect(after(...typed, UNDO).text).toBe('a');
    expect(after(...typed, { kind: 'type', text: 'abcde', at: 9_000 }, UNDO).text).toBe('abcd');
  });

  it('goes back and forth, until something else is done', () => {
    const edits: Edit[] = [
      { kind: 'replace', text: 'b' },
      { kind: 'replace', text: 'c' },
    ];
    expect(after(...edits, UNDO, UNDO).text).toBe('a');
    expect(after(...edits, UNDO, UNDO, UNDO, { kind: 'redo' }, { kind: 'redo' }).text).toBe('c');
    expect(after(...edits, UNDO, { kind: 'replace', text: 'd' }, { kind: 'redo' }).text).toBe('d');
    expect(after(...edits, { kind: 'open', text: 'x' }, UNDO).text).toBe('x');
  });

  it('changes nothing where nothing changes', () => {
    const history = openHistory('a');
    expect(editHistory(history, { kind: 'replace', text: 'a' })).toBe(history);
    expect(editHistory(history, { kind: 'type', text: 'a', at: 1 })).toBe(history);
  });
});
