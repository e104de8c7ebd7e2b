import { ScrollArea, Stack, Text, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState, type DragEvent } from 'react';
import { DRAGGED } from '../canvas/dragged.js';
import { KindIcon, TONES } from '../../../components/graph/kind-icon.js';
import styles from './palette.module.css';

/** A thing to build with: a node type, or a pattern that makes several nodes. */
export interface PaletteEntry {
  /** `node:wait`, `pattern:swarm`. */
  key: string;
  name: string;
  kind: string;
  category: string;
  description: string;
  /** Whether a worker executes it now. */
  available: boolean;
}

const TITLES: Readonly<Record<string, string>> = {
  agents: 'Agents',
  data: 'Data',
  branches: 'Branches and loops',
  waits: 'People and time',
  runs: 'Other runs',
  custom: 'Your own',
  patterns: 'Patterns of agents',
};

/** What there is to build with: pressed, it goes behind the chosen node; dragged, to where it is let go. */
export function Palette({
  entries,
  isDisabled,
  onAdd,
}: {
  entries: readonly PaletteEntry[];
  isDisabled: boolean;
  onAdd: (key: string) => void;
}) {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const found = entries.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted));
  const groups = Object.entries(Object.groupBy(found, ({ category }) => category));
  return (
    <Stack gap="xs" className={styles.palette} component="section" aria-label="Palette">
      <TextInput
        aria-label="Search the palette"
        placeholder="Search nodes"
        size="xs"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ScrollArea className={styles.scroll} type="auto" scrollbarSize={6} viewportProps={{ tabIndex: -1 }}>
        {groups.map(([category, some = []]) => (
          <div key={category} role="group" aria-label={TITLES[category] ?? category} className={styles.group}>
            <Text size="xs" fw={600} c="dimmed" aria-hidden>
              {TITLES[category] ?? category}
            </Text>
            {some.map((entry) => (
              <Entry key={entry.key} entry={entry} isDisabled={isDisabled} onAdd={onAdd} />
            ))}
          </div>
        ))}
        {found.length === 0 && (
          <Text size="sm" c="dimmed" p="xs">
            Nothing has that name.
          </Text>
        )}
      </ScrollArea>
    </Stack>
  );
}

function Entry({ entry, isDisabled, onAdd }: { entry: PaletteEntry; isDisabled: boolean; onAdd: (key: string) => void }) {
  const { key, name, kind, category, description, available } = entry;
  const hint = available ? description : `${description} No live worker executes it.`;
  const drag = (event: DragEvent): void => {
    event.dataTransfer.setData(DRAGGED, key);
    event.dataTransfer.effectAllowed = 'copy';
  };
  return (
    <Tooltip label={hint} position="right" multiline maw={280} disabled={hint.trim() === ''}>
      <UnstyledButton
        className={styles.entry}
        data-tone={TONES[category] ?? 'violet'}
        data-entry={key}
        data-away={!available || undefined}
        disabled={isDisabled}
        draggable={!isDisabled}
        onDragStart={drag}
        onClick={() => onAdd(key)}
        aria-label={`Add ${name}`}
      >
        <span className={styles.icon}>
          <KindIcon kind={kind} size={16} />
        </span>
        <span className={styles.name}>{name}</span>
      </UnstyledButton>
    </Tooltip>
  );
}
