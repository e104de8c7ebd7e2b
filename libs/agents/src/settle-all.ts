/**
 * Does all of the work, at most `concurrency` at once, begun in order. When something throws, nothing more is begun, what is under way is brought
 * to its end, and then the first error in order is thrown: nothing that is done meanwhile is lost.
 */
export async function settleAll<T>(work: readonly (() => Promise<T>)[], concurrency: number): Promise<T[]> {
  const outcomes: PromiseSettledResult<T>[] = [];
  let next = 0;
  let failed = false;
  const runLane = async (): Promise<void> => {
    while (next < work.length && !failed) {
      const index = next;
      next += 1;
      try {
        outcomes[index] = { status: 'fulfilled', value: await work[index]!() };
      } catch (reason) {
        failed = true;
        outcomes[index] = { status: 'rejected', reason };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, work.length) }, runLane));
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}
