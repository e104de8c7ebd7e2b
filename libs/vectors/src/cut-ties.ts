/** A hit as a store gives it, before ties are settled. */
interface Ranked {
  id: string;
  score: number;
}

/**
 * The best `limit` hits, ties by id, out of the `asked` best in any order of ties. Null where a tie may go on beyond what was asked for:
 * ask for more.
 */
export function cutTies<T extends Ranked>(hits: T[], limit: number, asked: number): T[] | null {
  hits.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
  const mayGoOn = hits.length === asked && hits.at(-1)!.score === hits[limit - 1]!.score;
  return mayGoOn ? null : hits.slice(0, limit);
}
