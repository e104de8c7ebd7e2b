import type { Json } from '../document/json.js';
import type { Field } from './schema-shape.js';

/** A field within another, which says what it holds and leaves it to its caller how it is shown. */
export interface FieldOf {
  name: string;
  label?: string;
  value: Json | undefined;
  /** Undefined: the field is left out. */
  onChange: (value: Json | undefined) => void;
}

/** The fields of an object within another. */
export interface FieldsOf {
  fields: readonly Field[];
  value: Record<string, Json>;
  onChange: (value: Record<string, Json>) => void;
}
