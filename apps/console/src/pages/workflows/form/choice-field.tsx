import { Fieldset, SegmentedControl, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { isObject, type Json } from '../document/json.js';
import type { Schema } from '../document/schema-lookup.js';
import { labelOf } from './field-text.js';
import { SchemaFields } from './schema-field.js';
import { chosen, fieldsOf, firstValue } from './schema-shape.js';

interface ChoiceFieldProps {
  label: string;
  description: ReactNode;
  choices: readonly { name: string; schema: Schema }[];
  value: Json | undefined;
  depth: number;
  onChange: (value: Json | undefined) => void;
}

/** One of several forms of a value. */
export function ChoiceField({ label, choices, value, depth, onChange }: ChoiceFieldProps) {
  const index = chosen(choices, value);
  const { schema } = choices[index]!;
  const fields = fieldsOf(schema).filter(({ schema: field }) => field['const'] === undefined);
  return (
    <Fieldset legend={label} p="sm">
      <Stack gap="sm">
        <SegmentedControl
          size="xs"
          data={choices.map(({ name }, at) => ({ label: labelOf(name), value: `${at}` }))}
          value={`${index}`}
          onChange={(at) => onChange(firstValue(choices[Number(at)]!.schema))}
        />
        <SchemaFields {...{ fields, onChange }} value={isObject(value) ? value : {}} depth={depth + 1} />
      </Stack>
    </Fieldset>
  );
}
