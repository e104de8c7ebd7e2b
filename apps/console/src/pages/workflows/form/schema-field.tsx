import { Select, Stack, Switch, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { isObject, type Json } from '../document/json.js';
import type { Schema } from '../document/schema-lookup.js';
import { ChoiceField } from './choice-field.js';
import { labelOf, shownText } from './field-text.js';
import { JsonField } from './json-field.js';
import { ListField } from './list-field.js';
import { NumberField } from './number-field.js';
import { ObjectField } from './object-field.js';
import type { FieldOf, FieldsOf } from './nested-fields.js';
import { shapeOf } from './schema-shape.js';

export interface SchemaFieldProps extends FieldOf {
  schema: Schema;
  isRequired?: boolean;
  /** How deep it stands in the form. */
  depth?: number;
}

/** A field for a value, made of its schema. Text with a placeholder (`${{ … }}`) may stand wherever the schema asks for something else. */
export function SchemaField({
  name,
  schema,
  value,
  onChange,
  isRequired = false,
  label = labelOf(name),
  depth = 0,
}: SchemaFieldProps) {
  const shape = shapeOf(schema);
  const description = typeof schema['description'] === 'string' ? <Prose text={schema['description']} /> : undefined;
  const common = { label, description, required: isRequired, withAsterisk: isRequired, name };
  const otherwise = schema['default'] === undefined ? '' : shownText(schema['default']);
  if (typeof value === 'string' && value.includes('${{') && shape.kind !== 'text') {
    return (
      <TextInput
        {...common}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
        ff="monospace"
      />
    );
  }
  switch (shape.kind) {
    case 'text': {
      if (value !== undefined && typeof value !== 'string') return <JsonField {...common} value={value} onChange={onChange} />;
      const write = (text: string): void => onChange(text === '' && !isRequired ? undefined : text);
      const field = { ...common, value: value ?? '', placeholder: otherwise };
      return shape.isLong ? (
        <Textarea {...field} autosize minRows={1} maxRows={12} onChange={(event) => write(event.currentTarget.value)} />
      ) : (
        <TextInput {...field} onChange={(event) => write(event.currentTarget.value)} />
      );
    }
    case 'number':
      return <NumberField {...common} shape={shape} value={value} placeholder={otherwise} onChange={onChange} />;
    case 'boolean':
      return (
        <Switch
          label={label}
          description={description}
          name={name}
          checked={value === undefined ? schema['default'] === true : value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'enum':
      return (
        <Select
          {...common}
          data={shape.options}
          value={value === undefined ? null : shownText(value)}
          placeholder={otherwise}
          clearable={!isRequired}
          comboboxProps={{ withinPortal: true }}
          onChange={(text) => onChange(text ?? undefined)}
        />
      );
    case 'texts':
      return (
        <TagsInput
          {...common}
          value={Array.isArray(value) ? value.map(shownText) : []}
          placeholder={Array.isArray(value) && value.length > 0 ? '' : 'Write one and press Enter'}
          onChange={(texts) => onChange(texts.length === 0 && !isRequired ? undefined : texts)}
        />
      );
    case 'list':
      return (
        <ListField {...{ label, description, onChange, isRequired }} item={shape.item} value={value}>
          {(item) => <SchemaField {...item} schema={shape.item} isRequired depth={depth + 1} />}
        </ListField>
      );
    case 'object':
      return (
        <ObjectField
          {...{ label, description, onChange, isRequired }}
          fields={shape.fields}
          value={isObject(value) ? value : undefined}
        >
          {(fields) => <SchemaFields {...fields} depth={depth + 1} />}
        </ObjectField>
      );
    case 'choice':
      return (
        <ChoiceField {...{ label, onChange }} choices={shape.choices} value={value}>
          {(fields) => <SchemaFields {...fields} depth={depth + 1} />}
        </ChoiceField>
      );
    case 'json':
      return <JsonField {...common} value={value} onChange={onChange} />;
  }
}

/** A description in which code stands between backticks. */
export function Prose({ text }: { text: string }) {
  return text.split('`').map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <span className="mono" key={index}>
        {part}
      </span>
    ),
  );
}

/** The fields of an object, one under the other. */
export function SchemaFields({ fields, value, onChange, depth = 0 }: FieldsOf & { depth?: number }) {
  if (fields.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        There is nothing to set.
      </Text>
    );
  }
  return (
    <Stack gap="sm">
      {fields.map(({ name, schema, isRequired }) => (
        <SchemaField
          key={name}
          {...{ name, schema, isRequired, depth }}
          value={value[name]}
          onChange={(next) => onChange(withField(value, name, next))}
        />
      ))}
    </Stack>
  );
}

function withField(value: Record<string, Json>, name: string, next: Json | undefined): Record<string, Json> {
  if (next !== undefined) return { ...value, [name]: next };
  const { [name]: _, ...rest } = value;
  return rest;
}
