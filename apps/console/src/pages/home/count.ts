/** How many there are, by the first page of a list: `100+` where there are more. */
export function countOf(
  page: { items: readonly unknown[]; next_cursor: string | null } | undefined,
): string | number | undefined {
  if (page === undefined) return undefined;
  return page.next_cursor === null ? page.items.length : `${page.items.length}+`;
}
