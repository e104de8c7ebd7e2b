import { z } from 'zod';
import { referencesIn, type BlobRef, type JsonObject, type JsonValue } from '@baton/core';

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits');

export const ValuesQuery = z.strictObject({
  values: z
    .enum(['true', 'false'])
    .default('false')
    .describe('`true`: large inputs and outputs themselves, instead of references `{"$blob": …}` to them.'),
});
export type ValuesQuery = z.infer<typeof ValuesQuery>;

/** What a run carries, as an answer shows it: references say where their payloads can be read. */
export function toShownPayload(form: JsonValue): JsonValue {
  return referencesIn(form).length === 0 ? form : withLinks(form);
}

function withLinks(form: JsonValue): JsonValue {
  if (form === null || typeof form !== 'object') return form;
  if (Array.isArray(form)) return form.map(withLinks);
  return Object.fromEntries(
    Object.entries(form).map(([key, inner]): [string, JsonValue] =>
      key === '$blob' ? [key, withLink(inner as JsonObject & BlobRef)] : [key, withLinks(inner)],
    ),
  );
}

function withLink(reference: JsonObject & BlobRef): JsonObject {
  return { ...reference, href: `/api/v1/payloads/${reference.sha256}` };
}
