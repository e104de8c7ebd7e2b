/** A line of a diff, with its number on either side where it stands there. */
export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
  before: number | null;
  after: number | null;
}

/** Lines that stay the same, put away between two changes. */
export interface DiffGap {
  kind: 'gap';
  lines: DiffLine[];
}

/** What turns one text into another, line by line: the shortest way (E. Myers, An O(ND) Difference Algorithm, 1986). */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split('\n');
  const b = after.split('\n');
  const lines: DiffLine[] = [];
  let [x, y] = [0, 0];
  const walk = (toX: number, toY: number): void => {
    while (x < toX && y < toY && a[x] === b[y]) {
      lines.push({ kind: 'same', text: a[x]!, before: x + 1, after: y + 1 });
      x += 1;
      y += 1;
    }
    for (; x < toX; x += 1) lines.push({ kind: 'removed', text: a[x]!, before: x + 1, after: null });
    for (; y < toY; y += 1) lines.push({ kind: 'added', text: b[y]!, before: null, after: y + 1 });
  };
  for (const [startX, startY, endX, endY] of snakes(a, b)) {
    walk(startX, startY);
    walk(endX, endY);
  }
  walk(a.length, b.length);
  return lines;
}

/** Puts away what is the same, but for a few lines beside each change. */
export function foldSame(lines: readonly DiffLine[], context = 3): (DiffLine | DiffGap)[] {
  const isNear = lines.map(() => false);
  lines.forEach(({ kind }, index) => {
    if (kind === 'same') return;
    for (let at = Math.max(0, index - context); at <= Math.min(lines.length - 1, index + context); at += 1) isNear[at] = true;
  });
  const folded: (DiffLine | DiffGap)[] = [];
  lines.forEach((line, index) => {
    if (isNear[index]) return void folded.push(line);
    const last = folded.at(-1);
    if (last?.kind === 'gap') last.lines.push(line);
    else folded.push({ kind: 'gap', lines: [line] });
  });
  // A gap of one line takes the place of that line and tells less.
  return folded.flatMap((part) => (part.kind === 'gap' && part.lines.length === 1 ? part.lines : [part]));
}

/** The runs of equal lines on the shortest way, each from where to where, in order. */
function snakes(a: readonly string[], b: readonly string[]): [number, number, number, number][] {
  const trace: Map<number, number>[] = [];
  const reach = new Map<number, number>([[1, 0]]);
  const most = a.length + b.length;
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(new Map(reach));
    for (let k = -edits; k <= edits; k += 2) {
      let x = startOf(reach, k, edits);
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x += 1;
        y += 1;
      }
      reach.set(k, x);
      if (x >= a.length && y >= b.length) return backtrack(trace, a.length, b.length);
    }
  }
  return [];
}

function startOf(reach: ReadonlyMap<number, number>, k: number, edits: number): number {
  const down = reach.get(k + 1) ?? -1;
  const right = reach.get(k - 1) ?? -1;
  return k === -edits || (k !== edits && right < down) ? down : right + 1;
}

function backtrack(
  trace: readonly ReadonlyMap<number, number>[],
  endX: number,
  endY: number,
): [number, number, number, number][] {
  const found: [number, number, number, number][] = [];
  let [x, y] = [endX, endY];
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const k = x - y;
    const reach = trace[edits]!;
    const start = startOf(reach, k, edits);
    if (x > start) found.push([start, start - k, x, y]);
    const isDown = k === -edits || (k !== edits && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
    [x, y] = isDown ? [start, start - k - 1] : [start - 1, start - k];
  }
  return found.reverse();
}
