/** Where a cursor stands in a block-style YAML text. */
export interface CursorPlace {
  /** The keys and indexes that lead to what is at the cursor. */
  path: (string | number)[];
  /** `entry`: a key of the map at the path, or an item, may begin here. `value`: the value of the last key of the path. */
  kind: 'entry' | 'value';
  /** What stands before the cursor of the word that is being written. */
  word: string;
}

interface Line {
  /** The columns of the `- ` that it begins with. */
  dashes: number[];
  /** Where its key, or whatever stands behind the dashes, begins. */
  column: number;
  key: string | null;
  /** What stands behind the key. */
  value: string;
}

interface Level {
  column: number;
  step: string | number;
}

const KEY = /^("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#:'"[\]{},-][^:#]*?)\s*:(?:\s+|$)/;

/**
 * The place of a cursor, told by indentation alone, so that it is found in a text that is half typed and no YAML. Null within comments and within lists
 * and maps in brackets.
 */
export function placeAt(text: string, position: number): CursorPlace | null {
  const lineStart = text.lastIndexOf('\n', position - 1) + 1;
  const typed = text.slice(lineStart, position);
  if (/(^|\s)#/.test(typed) || /[[{]/.test(typed.replace(/\$\{\{.*?(\}\}|$)/g, ''))) return null;
  const levels: Level[] = [];
  for (const above of text.slice(0, lineStart).split('\n')) {
    if (above.trim() !== '' && !above.trimStart().startsWith('#')) enter(levels, readLine(above));
  }
  const line = readLine(typed);
  enter(levels, line);
  const path = levels.map(({ step }) => step);
  if (line.key !== null) return { path, kind: 'value', word: line.value };
  return /^[\w"'.$-]*$/.test(line.value) ? { path, kind: 'entry', word: line.value } : null;
}

/** The place of what the pointer of the mouse is over: the key or the value of that line. */
export function placeOfLine(text: string, position: number): { path: (string | number)[]; key: string } | null {
  const lineStart = text.lastIndexOf('\n', position - 1) + 1;
  const lineEnd = text.indexOf('\n', position);
  const line = readLine(text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd));
  if (line.key === null) return null;
  const place = placeAt(text, lineStart + line.column);
  return place === null ? null : { path: [...place.path, line.key], key: line.key };
}

function enter(levels: Level[], { dashes, column, key }: Line): void {
  for (const dash of dashes) {
    leave(levels, dash + 1);
    const last = levels.at(-1);
    if (last?.column === dash && typeof last.step === 'number') last.step += 1;
    else levels.push({ column: dash, step: 0 });
  }
  leave(levels, column);
  if (key !== null) levels.push({ column, step: key });
}

/** Leaves what does not reach to the left of a column. */
function leave(levels: Level[], column: number): void {
  while (levels.length > 0 && levels.at(-1)!.column >= column) levels.pop();
}

function readLine(text: string): Line {
  const dashes: number[] = [];
  let column = /^ */.exec(text)![0].length;
  for (let dash = /^-( +|$)/.exec(text.slice(column)); dash !== null; dash = /^-( +|$)/.exec(text.slice(column))) {
    dashes.push(column);
    column += dash[0].length;
  }
  const rest = text.slice(column);
  const key = KEY.exec(rest);
  if (key === null) return { dashes, column, key: null, value: rest };
  return { dashes, column, key: key[1]!.replace(/^(["'])(.*)\1$/, '$2'), value: rest.slice(key[0].length) };
}
