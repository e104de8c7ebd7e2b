import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from './json.js';
import {
  digestsInText,
  inlineForm,
  lookupIn,
  NO_PAYLOADS,
  openForm,
  PayloadMissing,
  referencesIn,
  referenceTo,
  SHOW_REFERENCES,
} from './payload.js';

const DIGEST = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);
const formOf = (value: JsonValue): JsonValue => inlineForm(value, JSON.stringify(value));

describe('the form of a value', () => {
  test('is the value itself where nothing in it could be taken for a reference', () => {
    const value = { a: [1, { blob: '$' }], b: '{"$blob":{"sha256":"' };
    expect(formOf(value)).toBe(value);
    expect(openForm(value, NO_PAYLOADS)).toBe(value);
    expect(openForm(value, NO_PAYLOADS)).toBe(value);
  });

  test('holds no reference that is not ours', () => {
    const forged = { list: [{ $blob: { sha256: DIGEST, bytes: 1, media_type: 'application/json' } }], $$blob: { $blob: 1 } };
    const form = formOf(forged);
    expect(referencesIn(form)).toEqual([]);
    expect(digestsInText(JSON.stringify(form))).toEqual([]);
    expect(openForm(form, NO_PAYLOADS)).toEqual(forged);
    expect(digestsInText(JSON.stringify({ text: JSON.stringify(referenceTo(DIGEST, 1)) }))).toEqual([]);
  });

  test('gives back any value', () => {
    const key = fc.constantFrom('$blob', '$$blob', '$$$blob', '$', 'blob', 'a', '__proto__');
    const json = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.jsonValue() as fc.Arbitrary<JsonValue>,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries) as JsonValue),
      ),
    })).value;
    fc.assert(
      fc.property(json, (value) => {
        const form = JSON.parse(JSON.stringify(formOf(value))) as JsonValue;
        expect(referencesIn(form)).toEqual([]);
        expect(JSON.stringify(openForm(form, NO_PAYLOADS))).toBe(JSON.stringify(value));
      }),
    );
  });
});

describe('a reference', () => {
  const form = { own: formOf({ $blob: 1 }), list: [referenceTo(DIGEST, 7)], deep: { inner: referenceTo(OTHER, 9) } };

  test('is found in a form and in its text', () => {
    expect(referencesIn(form).map(({ sha256 }) => sha256)).toEqual([DIGEST, OTHER]);
    expect(digestsInText(JSON.stringify(form))).toEqual([DIGEST, OTHER]);
  });

  test('gives its payload, and the rest of the form its value', () => {
    const loaded = new Map<string, JsonValue>([
      [DIGEST, { $blob: 'of the payload' }],
      [OTHER, [2]],
    ]);
    expect(openForm(form, lookupIn(loaded))).toEqual({
      own: { $blob: 1 },
      list: [{ $blob: 'of the payload' }],
      deep: { inner: [2] },
    });
  });

  test('says that it is not loaded, or shows itself', () => {
    const ask = (): unknown => openForm(form, lookupIn(new Map([[DIGEST, 1]])));
    expect(ask).toThrow(PayloadMissing);
    expect(() => openForm(form, NO_PAYLOADS)).toThrow(DIGEST);
    expect(openForm(form.list, SHOW_REFERENCES)).toEqual(form.list);
  });
});
