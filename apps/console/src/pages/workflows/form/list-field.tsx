import { ActionIcon, Button, Group, Paper, Stack, Text, Tooltip } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Json } from '../document/json.js';
import type { Schema } from '../document/schema-lookup.js';
import type { FieldOf } from './nested-fields.js';
import { firstValue } from './schema-shape.js';

interface ListFieldProps {
  label: string;
  description: ReactNode;
  item: Schema;
  value: Json | undefined;
  isRequired: boolean;
  onChange: (value: Json | undefined) => void;
  children: (item: FieldOf) => ReactNode;
}

/** A list, item by item. */
export function ListField({ label, description, item, value, isRequired, onChange, children }: ListFieldProps) {
  const items = Array.isArray(value) ? value : [];
  const write = (next: Json[]): void => onChange(next.length === 0 && !isRequired ? undefined : next);
  return (
    <Stack gap="xs">
      <div>
        <Text size="sm" fw={500}>
          {label}
        </Text>
        <Text size="xs" c="dimmed" component="div">
          {description}
        </Text>
      </div>
      {items.map((one, index) => (
        <Paper key={index} p="sm">
          <Group align="flex-start" wrap="nowrap" gap="xs">
            <div style={{ flex: 1, minWidth: 0 }}>
              {children({
                name: `${index}`,
                label: `${index + 1}`,
                value: one,
                onChange: (next) => write(items.map((before, at) => (at === index ? (next ?? null) : before))),
              })}
            </div>
            <Tooltip label="Remove">
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Remove ${index + 1} of ${label.toLowerCase()}`}
                onClick={() => write(items.toSpliced(index, 1))}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Tooltip>
          </Group>
        </Paper>
      ))}
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconPlus size={12} aria-hidden />}
        onClick={() => write([...items, firstValue(item)])}
        style={{ alignSelf: 'flex-start' }}
      >
        Add to {label.toLowerCase()}
      </Button>
    </Stack>
  );
}
