import { z } from 'zod';

/** How many entries a page has. */
export const Limit = z.coerce.number().int().min(1).max(200).default(50);

/** Where the next page begins: opaque to the caller, `createdAt` and id of the last entry to us. */
export const Cursor = z.string().max(200).transform(decodeCursor).optional();

export interface Position {
  createdAt: number;
  id: string;
}

export const PageQuery = z.strictObject({ limit: Limit, cursor: Cursor });
export type PageQuery = z.infer<typeof PageQuery>;

/** A page of entries with the cursor of the next one; null on the last. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** Cuts one entry more than asked for down to a page. */
export function toPage<T extends Position, W>(entries: readonly T[], limit: number, toWire: (entry: T) => W) {
  const shown = entries.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(toWire), next_cursor: entries.length > limit && last !== undefined ? encodeCursor(last) : null };
}

function encodeCursor({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt}/${id}`).toString('base64url');
}

function decodeCursor(text: string, context: z.RefinementCtx): Position {
  const [, createdAt, id] = /^(\d{1,16})\/(.+)$/s.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? [];
  if (createdAt === undefined || id === undefined) {
    context.addIssue({ code: 'custom', message: 'must be a `next_cursor` of an earlier page' });
    return z.NEVER;
  }
  return { createdAt: Number(createdAt), id };
}
