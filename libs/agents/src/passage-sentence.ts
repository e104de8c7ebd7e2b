import { splitBlocks, splitSentences } from '@baton/core';
import type { PromptPassage } from './agent-prompt.js';
import { contentStems } from './words.js';

/** A passage taken apart: what it is about, and what it says. */
export interface PassageText {
  n: number;
  title: string;
  /** Stems of its title and headings, which hold for each of its sentences. */
  headingStems: ReadonlySet<string>;
  sentences: readonly PassageSentence[];
}

export interface PassageSentence {
  text: string;
  stems: ReadonlySet<string>;
}

const FENCE = /^\s*(`{3,}|~{3,})/;
const LIST_ITEM = /^\s*(?:[-*+]|\d+[.)])\s+/;
const TABLE_RULE = /^[\s:|-]+$/;

/** Takes the sentences out of a passage of text or Markdown: of prose, list items, table rows and code. */
export function readPassage({ n, title, text }: PromptPassage): PassageText {
  const blocks = splitBlocks(text);
  // A title may look like an item of a list: `3. Duties`.
  const hasHeading = blocks.length > 1 && (isHeading(blocks[0]!) || blocks[0]!.startsWith(`${title} > `));
  const headings = hasHeading ? blocks.splice(0, 1) : [];
  const sentences = blocks.flatMap(blockUnits).flatMap((unit) => splitSentences(neutralise(unit)));
  return {
    n,
    title,
    headingStems: new Set(contentStems([title, ...headings].join(' '))),
    sentences: sentences
      .map((sentence) => ({ text: sentence, stems: new Set(contentStems(sentence)) }))
      .filter(({ stems }) => stems.size > 0),
  };
}

/** All stems of a passage, its headings' included. */
export function passageStems(passage: PassageText): Set<string> {
  return new Set([...passage.headingStems, ...passage.sentences.flatMap(({ stems }) => [...stems])]);
}

function isHeading(block: string): boolean {
  return !block.includes('\n') && !/[.!?:;。]$/.test(block) && !LIST_ITEM.test(block);
}

/** The parts of a block that are read one by one: a paragraph, a list item, a row, a line of code. */
function blockUnits(block: string): string[] {
  const lines = block.split('\n');
  if (FENCE.test(block)) return lines.filter((line) => line.trim() !== '' && !FENCE.test(line)).map((line) => line.trim());
  const units: string[] = [];
  for (const line of lines) {
    if (line.trimStart().startsWith('|')) {
      if (!TABLE_RULE.test(line)) units.push(rowText(line));
    } else if (LIST_ITEM.test(line) || units.length === 0) {
      units.push(line.replace(LIST_ITEM, '').trim());
    } else {
      units.push(`${units.pop()!} ${line.trim()}`);
    }
  }
  return units;
}

/** `| a | b | c |` reads as `a: b, c`. */
function rowText(row: string): string {
  const [first = '', ...rest] = row
    .replaceAll(/^\s*\||\|\s*$/g, '')
    .split('|')
    .map((cell) => cell.trim());
  return rest.length === 0 ? first : `${first}: ${rest.filter((cell) => cell !== '').join(', ')}`;
}

/** Emphasis goes; what looks like a citation in the passage must not become one in the answer. */
function neutralise(text: string): string {
  return text.replaceAll('**', '').replaceAll(/\[(\d+)\]/g, '($1)');
}
