/** Below this an answer costs nothing to speak of. */
const CHEAP_MS = 50;
/** Asking takes this share of the time at most. */
const SHARE = 0.01;

/** Asks anew only where that is cheap: an answer that took long is given again for a hundred times as long as it took, and to who asks meanwhile. */
export function sparingly<T>(ask: () => Promise<T>, now: () => number = () => performance.now()): () => Promise<T> {
  let answer: Promise<T> | null = null;
  let goodUntil = Infinity;
  return () => {
    if (answer !== null && now() < goodUntil) return answer;
    const startedAt = now();
    goodUntil = Infinity;
    answer = ask();
    answer.then(
      () => {
        const ms = now() - startedAt;
        goodUntil = ms < CHEAP_MS ? 0 : startedAt + ms / SHARE;
      },
      () => (goodUntil = 0),
    );
    return answer;
  };
}
