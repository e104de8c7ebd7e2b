import { z } from 'zod';

/**
 * A list in an answer of a model, read entry by entry up to the first that is wrong: an answer may hold millions that are, and to tell them all takes a
 * hundred times its bytes.
 */
export function answeredList<T>(entry: z.ZodType<T>) {
  const compiled = z.compile(entry);
  const list = z.custom<unknown[]>((value) => Array.isArray(value), 'must be a list');
  return list.transform((entries, context): T[] => {
    const read: T[] = [];
    for (const value of entries) {
      const { success, data, error } = compiled.safeParse(value);
      if (!success) {
        const { path, message } = error.issues[0]!;
        context.addIssue({ code: 'custom', path: [read.length, ...path], message });
        return z.NEVER;
      }
      read.push(data);
    }
    return read;
  });
}
