import { Group, SegmentedControl, Select } from '@mantine/core';
import type { AddressChange } from '../../components/use-address.js';

const STATUSES = ['open', 'decided', 'closed'] as const;
const ROLES = ['viewer', 'operator', 'admin'] as const;
/** In seconds: of open ones how long they have waited at least; of others, how long ago they were asked at most. */
const AGES = [
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '1 week' },
  { value: '2592000', label: '30 days' },
];

/** Which approvals are wanted, as the address says it. */
export interface ApprovalFilters {
  status: (typeof STATUSES)[number];
  role?: (typeof ROLES)[number];
  age?: number;
  isByDeadline: boolean;
}

export function readFilters(address: URLSearchParams): ApprovalFilters {
  const role = ROLES.find((one) => one === address.get('role'));
  const age = AGES.find(({ value }) => value === address.get('age'))?.value;
  return {
    status: STATUSES.find((one) => one === address.get('status')) ?? 'open',
    ...(role !== undefined && { role }),
    ...(age !== undefined && { age: Number(age) }),
    isByDeadline: address.get('order') === 'deadline',
  };
}

/** The question to the API. */
export function toQuery({ status, role, age }: ApprovalFilters) {
  return {
    status,
    ...(role !== undefined && { role }),
    ...(age !== undefined && (status === 'open' ? { older_than: age } : { newer_than: age })),
  };
}

interface FiltersProps {
  filters: ApprovalFilters;
  onChange: (change: AddressChange) => void;
}

export function ApprovalFilterBar({ filters: { status, role, age, isByDeadline }, onChange }: FiltersProps) {
  const isOpen = status === 'open';
  return (
    <Group mb="md" gap="xs">
      <SegmentedControl
        aria-label="Status"
        size="xs"
        value={status}
        onChange={(value) => onChange({ status: value === 'open' ? null : value })}
        data={[
          { value: 'open', label: 'Open' },
          { value: 'decided', label: 'Decided' },
          { value: 'closed', label: 'Not decided' },
        ]}
      />
      <Select
        aria-label="Role"
        placeholder="Any role"
        size="xs"
        w={130}
        clearable
        data={ROLES.map((value) => ({ value, label: value[0]!.toUpperCase() + value.slice(1) }))}
        value={role ?? null}
        onChange={(value) => onChange({ role: value })}
      />
      <Select
        aria-label={isOpen ? 'Has waited' : 'Was asked'}
        placeholder={isOpen ? 'Waiting since any time' : 'Asked at any time'}
        size="xs"
        w={190}
        clearable
        data={AGES.map(({ value, label }) => ({ value, label: isOpen ? `Waiting over ${label}` : `Asked within ${label}` }))}
        value={age === undefined ? null : String(age)}
        onChange={(value) => onChange({ age: value })}
      />
      {isOpen && (
        <SegmentedControl
          aria-label="Order"
          size="xs"
          value={isByDeadline ? 'deadline' : 'age'}
          onChange={(value) => onChange({ order: value === 'age' ? null : value })}
          data={[
            { value: 'age', label: 'Longest wait first' },
            { value: 'deadline', label: 'Deadline first' },
          ]}
        />
      )}
    </Group>
  );
}
