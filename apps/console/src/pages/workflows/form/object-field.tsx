import { ActionIcon, Button, Fieldset, Group, Stack, Text, Tooltip } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Json } from '../document/json.js';
import type { FieldsOf } from './nested-fields.js';
import { firstValue, type Field } from './schema-shape.js';

interface ObjectFieldProps {
  label: string;
  description: ReactNode;
  fields: readonly Field[];
  value: Record<string, Json> | undefined;
  isRequired: boolean;
  onChange: (value: Json | undefined) => void;
  children: (fields: FieldsOf) => ReactNode;
}

/** An object within the form; one that need not be there is added by a button, and taken away by another. */
export function ObjectField({ label, description, fields, value, isRequired, onChange, children }: ObjectFieldProps) {
  if (value === undefined && !isRequired) {
    const first = firstValue({
      type: 'object',
      properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
      required: fields.filter((field) => field.isRequired).map(({ name }) => name),
    });
    return (
      <Stack gap={2} align="flex-start">
        <Text size="sm" fw={500}>
          {label}
        </Text>
        <Text size="xs" c="dimmed" component="div">
          {description}
        </Text>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={12} aria-hidden />}
          onClick={() => onChange(first)}
          mt={4}
        >
          Set {label.toLowerCase()}
        </Button>
      </Stack>
    );
  }
  return (
    <Fieldset
      legend={
        <Group gap={4} component="span">
          {label}
          {!isRequired && (
            <Tooltip label="Leave it out">
              <ActionIcon
                size="sm"
                variant="subtle"
                color="gray"
                aria-label={`Leave out ${label.toLowerCase()}`}
                onClick={() => onChange(undefined)}
              >
                <IconTrash size={14} />
              </ActionIcon>
            </Tooltip>
          )}
        </Group>
      }
      p="sm"
    >
      {children({ fields, onChange, value: value ?? {} })}
    </Fieldset>
  );
}
