import { Fieldset, SegmentedControl, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { isObject, type Json } from '../document/json.js';
import type { Schema } from '../document/schema-lookup.js';
import { labelOf } from './field-text.js';
import type { FieldsOf } from './nested-fields.js';
import { chosen, fieldsOf, firstValue } from './schema-shape.js';

interface ChoiceFieldProps {
  label: string;
  choices: readonly { name: string; schema: Schema }[];
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  children: (fields: FieldsOf) => ReactNode;
}

/** One of several forms of a value. */
export function ChoiceField({ label, choices, value, onChange, children }: ChoiceFieldProps) {
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
        {children({ fields, onChange, value: isObject(value) ? value : {} })}
      </Stack>
    </Fieldset>
  );
}
