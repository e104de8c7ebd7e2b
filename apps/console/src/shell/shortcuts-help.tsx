import { Group, Kbd, Modal, SimpleGrid, Stack, Text } from '@mantine/core';
import { createFlag } from '../flag.js';
import { PAGES } from './pages.js';

const help = createFlag();

/** Opens the list of keys. */
export const showShortcuts = help.raise;

const GENERAL: readonly { keys: readonly string[]; label: string }[] = [
  { keys: ['Ctrl', 'K'], label: 'Command palette' },
  { keys: ['/'], label: 'Command palette' },
  { keys: ['?'], label: 'These keys' },
  { keys: ['↑', '↓'], label: 'From row to row of a table' },
  { keys: ['Esc'], label: 'Close what is open' },
];

/** The keys that the console knows. */
export function ShortcutsHelp() {
  const pages = PAGES.map(({ key, label }) => ({ keys: ['g', key], label }));
  return (
    <Modal opened={help.use()} onClose={help.lower} title="Keyboard shortcuts" size={640}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xl">
        <Keys title="Anywhere" entries={GENERAL} />
        <Keys title="Pages" entries={pages} />
      </SimpleGrid>
    </Modal>
  );
}

function Keys({ title, entries }: { title: string; entries: readonly { keys: readonly string[]; label: string }[] }) {
  return (
    <Stack gap="xs">
      <Text size="xs" fw={600} c="dimmed">
        {title}
      </Text>
      {entries.map(({ keys, label }) => (
        <Group key={keys.join(' ')} justify="space-between" wrap="nowrap">
          <Text size="sm">{label}</Text>
          <Group gap={4} wrap="nowrap">
            {keys.map((key) => (
              <Kbd key={key} size="sm">
                {key}
              </Kbd>
            ))}
          </Group>
        </Group>
      ))}
    </Stack>
  );
}
