import { isMap, isSeq, LineCounter, parseDocument, type Document, type ParsedNode } from 'yaml';
import type { Json } from './json.js';
import { diffLines } from './text-diff.js';

/** A definition's text, read: as far as it can be, where it is wrong. */
export interface YamlText {
  readonly document: Document.Parsed;
  /** Undefined where the text is no YAML. */
  readonly json: Json | undefined;
  readonly faults: readonly SyntaxFault[];
}

/** Where the text is no YAML: offsets into it. */
interface SyntaxFault {
  from: number;
  to: number;
  message: string;
}

/** As the API reads it: YAML 1.2, core schema, no tags of its own. */
const READING = { version: '1.2', schema: 'core', resolveKnownTags: false, stringKeys: true, prettyErrors: false } as const;
const MAX_ALIASES = 100;

/** Reads a definition. Never throws. */
export function readYaml(text: string): YamlText {
  const document = parseDocument(text, { ...READING, lineCounter: new LineCounter() });
  const faults = [...document.errors, ...document.warnings].map(({ message, pos: [from, to] }) => ({ from, to, message }));
  if (faults.length > 0) return { document, json: undefined, faults };
  try {
    return { document, json: document.toJS({ maxAliasCount: MAX_ALIASES }) as Json, faults };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { document, json: undefined, faults: [{ from: 0, to: 0, message }] };
  }
}

/** What can be read of a text that is being typed; undefined: nothing. */
export function readLoosely(text: string): Json | undefined {
  try {
    return parseDocument(text, READING).toJS({ maxAliasCount: MAX_ALIASES }) as Json;
  } catch {
    return undefined;
  }
}

/** The text of an edited document: every line that the edit does not touch stays as its author wrote it. */
export function writeYaml(document: Document, before: string): string {
  const indentSeq = !/^( *)[^\s#-][^\n]*:[ \t]*\n\1- /m.test(before);
  const write = (one: Document): string => one.toString({ lineWidth: 0, indentSeq });
  const edited = write(document);
  const lines = before.split('\n');
  const plain = write(parseDocument(before, READING));
  // The package has a style of its own within lines. Where it also breaks them in other places, the whole text takes that style.
  if (plain.split('\n').length !== lines.length) return edited;
  return diffLines(plain, edited)
    .flatMap(({ kind, text, before: line }) => (kind === 'same' ? [lines[line! - 1]!] : kind === 'added' ? [tight(text)] : []))
    .join('\n');
}

/** Lists of ids without blanks in their brackets. */
function tight(line: string): string {
  return line.replace(/^(\s*(?:- )?depends_on: )\[ (.*) \]$/, '$1[$2]');
}

/** A range of the text to which a JSON pointer leads; what is not there is shown at what would hold it. */
export function pointerRange(document: Document.Parsed, pointer: string): { from: number; to: number } {
  const path = pointer.split('/').slice(1).map(unescape);
  let node: ParsedNode | null = document.contents;
  let shown = rangeOf(node, true);
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String((item.key as { value?: unknown }).value) === key);
      if (pair === undefined) break;
      node = pair.value;
      shown = isMap(node) || isSeq(node) || node === null ? rangeOf(pair.key, false) : rangeOf(node, false);
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(key)];
      if (item === undefined) break;
      node = item as ParsedNode;
      shown = rangeOf(node, true);
    } else break;
  }
  return shown;
}

function rangeOf(node: ParsedNode | null, isHeadOnly: boolean): { from: number; to: number } {
  if (node === null) return { from: 0, to: 0 };
  const [from, to] = node.range;
  if (!isHeadOnly || !isMap(node)) return { from, to };
  const first = node.items[0];
  const end = first?.value?.range[1] ?? first?.key?.range[1] ?? from;
  return { from, to: isMap(first?.value) || isSeq(first?.value) ? first.key.range[1] : end };
}

function unescape(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
