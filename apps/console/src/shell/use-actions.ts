import { useMantineColorScheme } from '@mantine/core';
import { IconApi, IconKeyboard, IconKey, IconMoon, IconPlus, IconSun, IconDeviceDesktop, IconStack2 } from '@tabler/icons-react';
import { askForToken } from '../api/login.js';
import { useMay } from '../api/use-may.js';
import type { Command } from './commands.js';
import { showShortcuts } from './shortcuts-help.js';

const NEW_WORKFLOW: Command = {
  ...{ id: 'new workflow', label: 'New workflow', icon: IconPlus, words: 'create builder', href: '/workflows/new' },
};

/** What the palette can do besides opening pages. */
export function useActions(): readonly Command[] {
  const { setColorScheme } = useMantineColorScheme();
  const mayPublish = useMay('POST /api/v1/workflows');
  const leave = (path: string) => () => window.location.assign(path);
  return [
    ...(mayPublish ? [NEW_WORKFLOW] : []),
    { id: 'light', label: 'Light colours', icon: IconSun, words: 'theme scheme', act: () => setColorScheme('light') },
    { id: 'dark', label: 'Dark colours', icon: IconMoon, words: 'theme scheme', act: () => setColorScheme('dark') },
    {
      id: 'auto',
      label: 'Colours as the system',
      icon: IconDeviceDesktop,
      words: 'theme auto',
      act: () => setColorScheme('auto'),
    },
    { id: 'token', label: 'Enter a token', icon: IconKey, words: 'login sign in access', act: askForToken },
    { id: 'keys', label: 'Keyboard shortcuts', icon: IconKeyboard, words: 'help', keys: ['?'], act: showShortcuts },
    { id: 'board', label: 'Bull Board', icon: IconStack2, words: 'queues jobs', act: leave('/admin/queues') },
    { id: 'api', label: 'API reference', icon: IconApi, words: 'docs swagger openapi', act: leave('/docs') },
  ];
}
