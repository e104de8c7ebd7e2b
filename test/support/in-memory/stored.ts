/** A copy as a database gives it back: plain JSON, shared with nobody. */
export function stored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
