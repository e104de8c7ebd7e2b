import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { openSync, type Font } from 'fontkit';
import { BatonError } from '@baton/core';

const ROBOTO = join(dirname(createRequire(import.meta.url).resolve('pdfmake/package.json')), 'fonts', 'Roboto');

/** What Roboto cannot say, in characters that it can. */
const IN_OTHER_WORDS: Readonly<Record<string, string>> = {
  ...{ '→': '->', '←': '<-', '↔': '<->', '⇒': '=>', '⇐': '<=', '✓': '√', '✔': '√', '✗': '×', '✘': '×', '☐': '[ ]', '☑': '[x]' },
  ...{
    '\u2011': '-',
    '\u00ad': '',
    '\u200b': '',
    '\u200c': '',
    '\u200d': '',
    '\ufeff': '',
    '\ufe0f': '',
    '▪': '•',
    '●': '•',
    '■': '•',
  },
};
/** Stands for a character that no font has. */
const UNKNOWN = '◊';

/** A stretch of text in one font. */
export interface FontRun {
  readonly text: string;
  readonly font: string;
}

/** The fonts of a PDF: Roboto, which has Latin, Greek and Cyrillic, and after it those that were named for other scripts. */
export class ReportFonts {
  private readonly loaded: { name: string; font: Font }[];
  readonly files: Readonly<Record<string, { normal: string; bold: string; italics: string; bolditalics: string }>>;

  /** `fallbacks`: TrueType or OpenType files. @throws BatonError `config_invalid` for one that is none. */
  constructor(fallbacks: readonly string[] = []) {
    const roboto = (style: string): string => join(ROBOTO, `Roboto-${style}.ttf`);
    const others = fallbacks.map((file, index) => ({ name: `Fallback${index}`, file }));
    this.files = {
      Roboto: {
        ...{ normal: roboto('Regular'), bold: roboto('Medium'), italics: roboto('Italic'), bolditalics: roboto('MediumItalic') },
      },
      ...Object.fromEntries(
        others.map(({ name, file }) => [name, { normal: file, bold: file, italics: file, bolditalics: file }]),
      ),
    };
    this.loaded = [{ name: 'Roboto', font: openFont(roboto('Regular')) }];
    for (const { name, file } of others) this.loaded.push({ name, font: openFont(file) });
  }

  /** Cuts text where its font changes. `lacking` is told of each character that no font has. */
  split(text: string, lacking: (char: string) => void): FontRun[] {
    const runs: { text: string; font: string }[] = [];
    for (const char of text.normalize('NFC')) {
      const run = this.runOf(char, lacking);
      const last = runs.at(-1);
      if (last !== undefined && (last.font === run.font || run.text.trim() === '')) last.text += run.text;
      else if (run.text !== '') runs.push(run);
    }
    return runs;
  }

  private runOf(char: string, lacking: (char: string) => void): { text: string; font: string } {
    if (/\s/.test(char)) return { text: char === '\n' ? '\n' : ' ', font: 'Roboto' };
    const code = char.codePointAt(0)!;
    const font = this.loaded.find((candidate) => candidate.font.hasGlyphForCodePoint(code));
    if (font !== undefined) return { text: char, font: font.name };
    const other = IN_OTHER_WORDS[char];
    if (other !== undefined) return { text: other, font: 'Roboto' };
    if (/\p{C}/u.test(char)) return { text: '', font: 'Roboto' };
    lacking(char);
    return { text: UNKNOWN, font: 'Roboto' };
  }
}

function openFont(file: string): Font {
  try {
    const font = openSync(file);
    if ('fonts' in font) throw new Error('a collection of fonts; name a file with one');
    return font;
  } catch (cause) {
    const detail = `The font ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new BatonError(
      'config_invalid',
      detail,
      { file },
      { cause, remedy: 'Name TrueType or OpenType files in REPORT_FONTS.' },
    );
  }
}
