import { CloseButton, Group, Pill, ScrollArea, SegmentedControl, Select, TextInput } from '@mantine/core';
import { DateFields } from './date-fields.js';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../../api/client.js';
import { MIN_ID, RANGES, RUN_STATUSES, type RunFilters } from './run-filters.js';
import { shortId } from './run-types.js';

export interface RunFilterBarProps {
  filters: RunFilters;
  /** What is written into the address: undefined takes a filter out. */
  onChange: (change: Record<string, string | undefined>) => void;
}

const ANY = 'all';
const CUSTOM = 'custom';

/** Which runs are wanted. */
export function RunFilterBar({ filters, onChange }: RunFilterBarProps) {
  const { status = ANY, workflow, task, parent, range, from, to } = filters;
  const isCustom = from !== undefined || to !== undefined;
  const [wantsDates, setWantsDates] = useState(isCustom);
  const statuses = [ANY, ...RUN_STATUSES].map((value) => ({ value, label: value === ANY ? 'All' : capital(value) }));
  const setRange = (value: string | null): void => {
    setWantsDates(value === CUSTOM);
    onChange({ range: value === CUSTOM || value === null ? undefined : value, from: undefined, to: undefined });
  };
  return (
    <Group gap="xs" mb="md" align="center">
      <ScrollArea type="never" w="100%">
        <SegmentedControl
          aria-label="Status"
          size="xs"
          data={statuses}
          value={status}
          onChange={(value) => onChange({ status: value === ANY ? undefined : value })}
        />
      </ScrollArea>
      <IdField value={filters.id ?? ''} onChange={(id) => onChange({ id: id === '' ? undefined : id })} />
      <WorkflowField value={workflow ?? null} onChange={(value) => onChange({ workflow: value ?? undefined })} />
      <Select
        aria-label="Time of start"
        size="xs"
        w={150}
        placeholder="Any time"
        clearable
        data={[...RANGES.map(({ value, label }) => ({ value, label })), { value: CUSTOM, label: 'From … to …' }]}
        value={isCustom || wantsDates ? CUSTOM : (range ?? null)}
        onChange={setRange}
      />
      {(isCustom || wantsDates) && <DateFields from={from} to={to} onChange={onChange} />}
      {task !== undefined && <Narrowed label={`Task ${task}`} onRemove={() => onChange({ task: undefined })} />}
      {parent !== undefined && (
        <Narrowed label={`Children of ${shortId(parent)}`} onRemove={() => onChange({ parent: undefined })} />
      )}
    </Group>
  );
}

function IdField({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  // The address has changed by itself: back, or a filter taken out.
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  const report = useDebouncedCallback((typed: string) => {
    const id = typed.trim().length >= MIN_ID ? typed.trim().toLowerCase() : '';
    setShown(id);
    onChange(id);
  }, 250);
  const type = (typed: string): void => {
    setText(typed);
    report(typed);
  };
  const isTooShort = text.trim().length > 0 && text.trim().length < MIN_ID;
  return (
    <TextInput
      aria-label="Run id"
      size="xs"
      w={240}
      placeholder={`Run id, ${MIN_ID} characters or more`}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={text === '' ? null : <CloseButton size="xs" aria-label="Clear the run id" onClick={() => type('')} />}
      value={text}
      error={isTooShort ? true : undefined}
      onChange={({ currentTarget }) => type(currentTarget.value)}
    />
  );
}

function WorkflowField({ value, onChange }: { value: string | null; onChange: (name: string | null) => void }) {
  const { data } = useQuery({
    queryKey: ['workflows', 'names'],
    queryFn: () => api.GET('/api/v1/workflows', { params: { query: { limit: 200 } } }).then(unwrap),
    staleTime: 30_000,
  });
  const names = new Set(data?.items.map(({ name }) => name));
  if (value !== null) names.add(value);
  return (
    <Select
      aria-label="Workflow"
      size="xs"
      w={180}
      placeholder="Any workflow"
      searchable
      clearable
      limit={100}
      nothingFoundMessage="No workflow of this name"
      data={[...names].toSorted()}
      value={value}
      onChange={onChange}
    />
  );
}

function Narrowed({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <Pill size="md" withRemoveButton onRemove={onRemove} removeButtonProps={{ 'aria-label': `Remove: ${label}` }}>
      {label}
    </Pill>
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
