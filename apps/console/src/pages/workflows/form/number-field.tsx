import { NumberInput, type NumberInputProps } from '@mantine/core';
import type { Json } from '../document/json.js';
import type { Shape } from './schema-shape.js';

interface NumberFieldProps extends Omit<NumberInputProps, 'value' | 'onChange'> {
  shape: Extract<Shape, { kind: 'number' }>;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

/** A number. The limits are told by validation, not enforced while it is being written. */
export function NumberField({ shape, value, onChange, ...field }: NumberFieldProps) {
  return (
    <NumberInput
      {...field}
      value={typeof value === 'number' ? value : ''}
      allowDecimal={!shape.isInteger}
      clampBehavior="none"
      {...(shape.min !== undefined && shape.min >= 0 && { allowNegative: false })}
      onChange={(next) => onChange(typeof next === 'number' ? next : next === '' ? undefined : Number(next))}
    />
  );
}
