import { cutText } from './cut-text.js';
import { splitBlocks, splitSections, type MarkdownSection } from './markdown-section.js';
import { splitSentences } from './sentences.js';

export interface ChunkOptions {
  mediaType: 'text/plain' | 'text/markdown';
  /** Leads the heading path of every chunk, unless the text itself begins with it. */
  title?: string;
  /** No chunk is longer, in UTF-16 units, its headings included. At least 100. */
  targetChars?: number;
  /** Up to so much of a chunk's end, in whole sentences, begins the next chunk of the same section. */
  overlapChars?: number;
}

const LINE_BASED = /^\s*([`~|>]|[-*+]\s|\d+[.)]\s)/;

/**
 * Cuts a text into passages that make sense on their own: never across headings, at paragraphs where that fits, else at sentences, lines or
 * words, and each begins with the path of its headings (`Guide > Locks`). Nothing is lost; a text that is not blank has at least one chunk.
 */
export function chunkText(text: string, options: ChunkOptions): string[] {
  const { targetChars = 900, overlapChars = 120 } = options;
  const sections: MarkdownSection[] = options.mediaType === 'text/markdown' ? splitSections(text) : [{ path: [], body: text }];
  return sections.flatMap(({ path, body }) => {
    const titled = options.title === undefined || path[0] === options.title ? path : [options.title, ...path];
    const heading = cutText(titled.join(' > '), Math.floor(targetChars / 2));
    const room = targetChars - (heading === '' ? 0 : heading.length + 2);
    // Of code with many blank lines, some pieces may be nothing else.
    const pieces = splitBlocks(body).flatMap((block) => fitBlock(block, room).filter((piece) => piece.trim() !== ''));
    const bodies = packPieces(pieces, room, overlapChars);
    if (bodies.length === 0) return path.length === 0 ? [] : [heading];
    return heading === '' ? bodies : bodies.map((part) => `${heading}\n\n${part}`);
  });
}

/** Joins neighbouring pieces while they fit; a new chunk starts with the end of the one before. */
function packPieces(pieces: readonly string[], room: number, overlapChars: number): string[] {
  const chunks: string[] = [];
  let current = '';
  for (const piece of pieces) {
    if (current === '') {
      current = piece;
    } else if (current.length + 2 + piece.length <= room) {
      current = `${current}\n\n${piece}`;
    } else {
      chunks.push(current);
      const overlap = lastSentences(current, Math.min(overlapChars, room - piece.length - 2));
      current = overlap === '' ? piece : `${overlap}\n\n${piece}`;
    }
  }
  return current === '' ? chunks : [...chunks, current];
}

/** Whole sentences from the end, at most `limit` long; none from code, lists and tables, which do not read on. */
function lastSentences(text: string, limit: number): string {
  const block = splitBlocks(text).at(-1)!;
  if (limit <= 0 || LINE_BASED.test(block)) return '';
  let tail = '';
  for (const sentence of splitSentences(block).toReversed()) {
    const longer = tail === '' ? sentence : `${sentence} ${tail}`;
    if (longer.length > limit) break;
    tail = longer;
  }
  return tail;
}

/** Cuts a block that is too long: prose at sentences, anything else at lines; what is still too long at words, then anywhere. */
function fitBlock(block: string, room: number): string[] {
  if (block.length <= room) return [block];
  if (LINE_BASED.test(block)) return joinUnits(cutUnits(block.split('\n'), room), '\n', room);
  const prose = block.split('\n').map((line) => line.trim());
  const sentences = splitSentences(prose.join(' '));
  return joinUnits(cutUnits(sentences, room), ' ', room);
}

function cutUnits(units: readonly string[], room: number): string[] {
  return units.flatMap((unit) =>
    unit.length <= room
      ? [unit]
      : joinUnits(
          unit.split(/\s+/).flatMap((word) => slices(word, room)),
          ' ',
          room,
        ),
  );
}

function joinUnits(units: readonly string[], separator: string, room: number): string[] {
  const joined: string[] = [];
  let current: string | null = null;
  for (const unit of units) {
    if (current === null) current = unit;
    else if (current.length + separator.length + unit.length <= room) current += separator + unit;
    else {
      joined.push(current);
      current = unit;
    }
  }
  return current === null ? joined : [...joined, current];
}

function slices(word: string, room: number): string[] {
  const parts: string[] = [];
  for (let rest = word; rest !== ''; rest = rest.slice(parts.at(-1)!.length)) parts.push(cutText(rest, room));
  return parts;
}
