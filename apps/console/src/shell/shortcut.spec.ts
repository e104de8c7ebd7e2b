import { describe, expect, it } from '@jest/globals';
import { PAGES } from './pages.js';
import { createShortcutReader, type KeyPress } from './shortcut.js';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  ...{ key, ctrlKey: false, metaKey: false, altKey: false, isTyping: false },
  ...more,
});

describe('shortcuts', () => {
  it('open a page by g and its key, soon after one another', () => {
    let now = 0;
    const read = createShortcutReader(() => now);
    expect([read(press('r')), read(press('g')), read(press('r'))]).toEqual([null, null, { kind: 'page', path: '/runs' }]);
    read(press('g'));
    now += 1_300;
    expect(read(press('r'))).toBeNull();
  });

  it('are text in a field, but for the palette', () => {
    const read = createShortcutReader(() => 0);
    expect(['?', '/', 'g', 'r'].map((key) => read(press(key, { isTyping: true })))).toEqual([null, null, null, null]);
    expect(read(press('k', { isTyping: true, metaKey: true }))).toEqual({ kind: 'palette' });
    expect([read(press('/')), read(press('?'))]).toEqual([{ kind: 'palette' }, { kind: 'help' }]);
  });

  it('give each page a key of its own', () => {
    expect(new Set(PAGES.map(({ key }) => key)).size).toBe(PAGES.length);
  });
});
