import { Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconHierarchy3, IconSearch } from '@tabler/icons-react';
import { CopyButton } from '../../../components/copy-button.js';
import { copiedText, type LogFilter, type LogLevel, type LogLine } from './log-lines.js';
import styles from './logs.module.css';

const LEVELS = [
  { value: 'debug', label: 'All' },
  { value: 'info', label: 'Info' },
  { value: 'warn', label: 'Warn' },
  { value: 'error', label: 'Error' },
];

/** No id of a node. */
const ANY_NODE = { value: '', label: 'Any node' };

interface LogToolsProps {
  lines: readonly LogLine[];
  shown: readonly LogLine[];
  filter: LogFilter;
  isLive: boolean;
  onFilter: (change: Partial<LogFilter>) => void;
}

/** What is shown of the lines, and how many that are. */
export function LogTools({ lines, shown, filter, isLive, onFilter }: LogToolsProps) {
  const nodes = new Set(lines.map(({ node_id: id }) => id));
  if (filter.node !== null) nodes.add(filter.node);
  return (
    <Group className={styles.tools} gap="xs">
      <TextInput
        size="xs"
        className={styles.find}
        aria-label="Find in the logs"
        placeholder="Message, node or field"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={filter.text}
        onChange={({ currentTarget }) => onFilter({ text: currentTarget.value })}
      />
      <Select
        size="xs"
        className={styles.find}
        aria-label="Node"
        searchable
        limit={200}
        nothingFoundMessage="It has logged nothing"
        leftSection={<IconHierarchy3 size={14} aria-hidden />}
        data={[ANY_NODE, ...[...nodes].toSorted()]}
        value={filter.node ?? ANY_NODE.value}
        onChange={(node) => onFilter({ node: node || null })}
      />
      <SegmentedControl
        size="xs"
        aria-label="Level, at least"
        data={LEVELS}
        value={filter.level}
        onChange={(level) => onFilter({ level: level as LogLevel })}
      />
      {/* Of a live run it would be read aloud each second. */}
      <span className={`figures ${styles.count}`} role={isLive ? undefined : 'status'}>
        {shown.length === lines.length ? `${lines.length} lines` : `${shown.length} of ${lines.length} lines`}
      </span>
      <CopyButton value={() => copiedText(shown)} label="Copy the lines" />
    </Group>
  );
}
