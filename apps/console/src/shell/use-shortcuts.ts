import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { createShortcutReader } from './shortcut.js';
import { showShortcuts } from './shortcuts-help.js';

const FIELDS = 'input, textarea, select, [contenteditable="true"], [role="textbox"]';

/** The keys of the whole console. */
export function useShortcuts(showPalette: () => void): void {
  const router = useRouter();
  useEffect(() => {
    const read = createShortcutReader(() => performance.now());
    const onKeyDown = (event: KeyboardEvent): void => {
      const { key, ctrlKey, metaKey, altKey, target } = event;
      const isTyping = target instanceof Element && target.closest(FIELDS) !== null;
      const shortcut = event.defaultPrevented ? null : read({ key, ctrlKey, metaKey, altKey, isTyping });
      if (shortcut === null) return;
      event.preventDefault();
      if (shortcut.kind === 'palette') showPalette();
      else if (shortcut.kind === 'help') showShortcuts();
      else router.history.push(shortcut.path);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [router, showPalette]);
}
