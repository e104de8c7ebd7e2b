export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Beyond so many pairs of lines the middle is shown as replaced as a whole: nobody reads a finer diff of it. */
const MOST_PAIRS = 4_000_000;

/** The lines of two texts as one sequence: the longest that they share stays, all else is removed or added. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [old, made] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < made.length && old[start] === made[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < made.length - start && old.at(-1 - end) === made.at(-1 - end)) end += 1;
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  return [
    ...old.slice(0, start).map(same),
    ...diffMiddle(old.slice(start, old.length - end), made.slice(start, made.length - end)),
    ...old.slice(old.length - end).map(same),
  ];
}

function diffMiddle(old: readonly string[], made: readonly string[]): DiffLine[] {
  if (old.length * made.length > MOST_PAIRS) return [...all('removed', old), ...all('added', made)];
  const shared = sharedLengths(old, made);
  const width = made.length + 1;
  const lines: DiffLine[] = [];
  let [left, right] = [0, 0];
  while (left < old.length && right < made.length) {
    if (old[left] === made[right]) {
      lines.push({ kind: 'same', text: old[left]! });
      left += 1;
      right += 1;
    } else if (shared[(left + 1) * width + right]! >= shared[left * width + right + 1]!) {
      lines.push({ kind: 'removed', text: old[left]! });
      left += 1;
    } else {
      lines.push({ kind: 'added', text: made[right]! });
      right += 1;
    }
  }
  return [...lines, ...all('removed', old.slice(left)), ...all('added', made.slice(right))];
}

/** How many lines the rests of both texts share, from each pair of places on. */
function sharedLengths(old: readonly string[], made: readonly string[]): Uint32Array {
  const width = made.length + 1;
  const shared = new Uint32Array((old.length + 1) * width);
  for (let left = old.length - 1; left >= 0; left -= 1) {
    for (let right = made.length - 1; right >= 0; right -= 1) {
      const [down, aside] = [shared[(left + 1) * width + right]!, shared[left * width + right + 1]!];
      shared[left * width + right] =
        old[left] === made[right] ? shared[(left + 1) * width + right + 1]! + 1 : Math.max(down, aside);
    }
  }
  return shared;
}

function all(kind: DiffLine['kind'], lines: readonly string[]): DiffLine[] {
  return lines.map((text) => ({ kind, text }));
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}
