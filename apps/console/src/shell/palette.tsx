import { Group, Kbd, Modal, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useId, useState, type KeyboardEvent } from 'react';
import { api, unwrap } from '../api/client.js';
import { findCommands, type Command } from './commands.js';
import { useActions } from './use-actions.js';
import styles from './palette.module.css';

/** Goes anywhere by name: pages, actions, workflows, and whatever an id names. */
export function Palette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal.Root opened={opened} onClose={onClose} size={600} yOffset="12dvh" centered={false} padding={0}>
      <Modal.Overlay />
      <Modal.Content aria-label="Command palette">
        <Modal.Body>
          <PaletteBody onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function PaletteBody({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const listId = useId();
  const [text, setText] = useState('');
  const [place, setPlace] = useState(0);
  const actions = useActions();
  const { data: workflows } = useQuery({
    queryKey: ['workflows', 'palette'],
    queryFn: () => api.GET('/api/v1/workflows', { params: { query: { limit: 200 } } }).then(unwrap),
    staleTime: 60_000,
  });
  const commands = findCommands(text, { actions, workflows: workflows?.items ?? [] });
  const chosen = Math.min(place, commands.length - 1);

  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    onClose();
    if (command.act === undefined) router.history.push(command.href!);
    else command.act();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setPlace((chosen + step + commands.length) % commands.length);
    else if (event.key === 'Enter') run(commands[chosen]);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <TextInput
        variant="unstyled"
        size="lg"
        px="md"
        py="xs"
        leftSection={<IconSearch size={18} />}
        placeholder="Go to a page, a workflow, a run by its id …"
        aria-label="Search commands"
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={commands.length === 0 ? undefined : `${listId}-${chosen}`}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={onKeyDown}
        data-autofocus
      />
      <div id={listId} role="listbox" aria-label="Commands" className={styles.list}>
        {commands.map((command, index) => (
          <CommandOption
            key={command.id}
            id={`${listId}-${index}`}
            command={command}
            isChosen={index === chosen}
            onChoose={() => run(command)}
            onPoint={() => setPlace(index)}
          />
        ))}
      </div>
      {commands.length === 0 && (
        <Text size="sm" c="dimmed" p="md">
          Nothing is called so. Paste the whole id of a run or a task to open it.
        </Text>
      )}
    </>
  );
}

interface CommandOptionProps {
  id: string;
  command: Command;
  isChosen: boolean;
  onChoose: () => void;
  onPoint: () => void;
}

function CommandOption({ id, command, isChosen, onChoose, onPoint }: CommandOptionProps) {
  const { icon: Icon, label, hint, keys } = command;
  const show = (element: HTMLDivElement | null): void => {
    if (isChosen) element?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <div
      ref={show}
      id={id}
      role="option"
      aria-selected={isChosen}
      className={styles.option}
      onClick={onChoose}
      onMouseMove={onPoint}
    >
      <Icon size={18} stroke={1.7} aria-hidden />
      <Text size="sm" truncate>
        {label}
      </Text>
      {hint !== undefined && (
        <Text size="xs" c="dimmed" truncate>
          {hint}
        </Text>
      )}
      {keys !== undefined && (
        <Group gap={4} ml="auto" wrap="nowrap" aria-hidden>
          {keys.map((key) => (
            <Kbd key={key} size="xs">
              {key}
            </Kbd>
          ))}
        </Group>
      )}
    </div>
  );
}
