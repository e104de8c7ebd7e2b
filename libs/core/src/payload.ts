import type { JsonObject, JsonValue } from './json.js';

/**
 * Two forms of one value. The *value* is what handlers, expressions and callers mean. Its *form* is what journals, inboxes and rows of runs have:
 * the value itself, except that a large part of it is a {@link PayloadReference} to a blob.
 *
 * Nobody can forge a reference: a key of the value's own that reads `$blob` has one `$` more in the form, `$$blob` has two more, and so on. So in a form
 * every `$blob` is a reference, and in the text of a form it stands only where one is.
 */
export interface PayloadReference {
  readonly $blob: BlobRef;
}

/** What a reference says of its payload: JSON in UTF-8. */
export interface BlobRef {
  /** Of the bytes of the payload, hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly media_type: string;
}

/** Gives the value of a reference. @throws PayloadMissing where it was not loaded. */
export type PayloadLookup = (reference: BlobRef) => JsonValue;

/** Values by digest. */
export type LoadedPayloads = ReadonlyMap<string, JsonValue>;

/** A value was to be read whose payload is not loaded. Nothing went wrong: load it, and ask again. */
export class PayloadMissing extends Error {
  constructor(readonly reference: BlobRef) {
    super(`the payload ${reference.sha256} is not loaded`);
  }
}

export function lookupIn(loaded: LoadedPayloads): PayloadLookup {
  return (reference) => {
    const value = loaded.get(reference.sha256);
    if (value === undefined) throw new PayloadMissing(reference);
    return value;
  };
}

export const NO_PAYLOADS: PayloadLookup = lookupIn(new Map());

/** Leaves references as they are, for people to look at. */
export const SHOW_REFERENCES: PayloadLookup = ({ sha256, bytes, media_type }) => ({ $blob: { sha256, bytes, media_type } });

const REFERENCE_IN_TEXT = /\{"\$blob":\{"sha256":"([0-9a-f]{64})"/g;
const OWN_KEY = /^\$+blob$/;
const ESCAPED_KEY = /^\$\$+blob$/;

export function referenceTo(sha256: string, bytes: number): JsonObject {
  return { $blob: { sha256, bytes, media_type: 'application/json' } };
}

/** The form of a value that is small enough to stay where it is. `text`: the value as JSON. */
export function inlineForm(value: JsonValue, text: string): JsonValue {
  return text.includes('$blob"') ? renameKeys(value, (key) => (OWN_KEY.test(key) ? `$${key}` : key)) : value;
}

/** Large objects that are their own form: most are, and they are looked through once. A set that knew the small ones would cost more than to look again. */
const plain = new WeakSet<object>();
const LARGE_VALUES = 200;

/** The value of a form. Without references it costs one look through it, and the same value comes back. */
export function openForm(form: JsonValue, lookup: PayloadLookup): JsonValue {
  if (form === null || typeof form !== 'object' || plain.has(form)) return form;
  const values = countPlain(form);
  if (values === 0) return open(form, lookup);
  if (values >= LARGE_VALUES) plain.add(form);
  return form;
}

/** The references of a form, wherever in it they stand: added to `found`, where others stand already. */
export function referencesIn(form: JsonValue, found: BlobRef[] = []): BlobRef[] {
  if (form === null || typeof form !== 'object' || plain.has(form)) return found;
  if (Array.isArray(form)) for (const item of form) referencesIn(item, found);
  else if (isReference(form)) found.push(form.$blob);
  else for (const key in form) referencesIn(form[key]!, found);
  return found;
}

/** Digests of the references in the text of a form. */
export function digestsInText(text: string): string[] {
  if (!text.includes('{"$blob":')) return [];
  return [...text.matchAll(REFERENCE_IN_TEXT)].map(([, digest]) => digest!);
}

/** How many values a form has that is its own value; 0: it is not, since a reference or an escaped key stands in it. */
function countPlain(form: JsonValue): number {
  if (form === null || typeof form !== 'object' || plain.has(form)) return 1;
  let values = 1;
  if (Array.isArray(form)) {
    for (const item of form) {
      const inner = countPlain(item);
      if (inner === 0) return 0;
      values += inner;
    }
    return values;
  }
  for (const key in form) {
    const inner = key.startsWith('$') && OWN_KEY.test(key) ? 0 : countPlain(form[key]!);
    if (inner === 0) return 0;
    values += inner;
  }
  return values;
}

function open(form: JsonValue, lookup: PayloadLookup): JsonValue {
  if (form === null || typeof form !== 'object') return form;
  if (Array.isArray(form)) return form.map((item) => open(item, lookup));
  if (isReference(form)) return lookup(form.$blob);
  const entries = Object.entries(form).map(([key, inner]) => [ESCAPED_KEY.test(key) ? key.slice(1) : key, open(inner, lookup)]);
  return Object.fromEntries(entries) as JsonObject;
}

function renameKeys(value: JsonValue, rename: (key: string) => string): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [rename(key), renameKeys(inner, rename)]));
}

function isReference(form: JsonObject): form is JsonObject & { $blob: BlobRef & JsonObject } {
  return Object.hasOwn(form, '$blob');
}
