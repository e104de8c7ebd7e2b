import { TextInput } from '@mantine/core';

export interface DateFieldsProps {
  from: string | undefined;
  to: string | undefined;
  onChange: (change: Record<string, string | undefined>) => void;
}

/** From when to when, in the time zone of whoever looks; in the address as instants. */
export function DateFields({ from, to, onChange }: DateFieldsProps) {
  return (
    <>
      <DateField label="From" value={from} onChange={(value) => onChange({ from: value, range: undefined })} />
      <DateField label="To" value={to} onChange={(value) => onChange({ to: value, range: undefined })} />
    </>
  );
}

function DateField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  return (
    <TextInput
      type="datetime-local"
      size="xs"
      aria-label={label}
      value={value === undefined ? '' : toLocal(value)}
      onChange={({ currentTarget }) =>
        onChange(currentTarget.value === '' ? undefined : new Date(currentTarget.value).toISOString())
      }
    />
  );
}

/** As the field has it: `2026-01-31T09:30`. */
function toLocal(instant: string): string {
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
