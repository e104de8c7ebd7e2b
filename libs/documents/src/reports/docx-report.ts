import {
  AlignmentType,
  BorderStyle,
  Document,
  ExternalHyperlink,
  Footer,
  HeadingLevel,
  LevelFormat,
  Packer,
  PageNumber,
  Paragraph,
  ShadingType,
  Table,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
  type FileChild,
  type IParagraphOptions,
  type ParagraphChild,
} from 'docx';
import { cutText, type Report, type ReportPart, type ReportSource } from '@baton/core';
import { citationMark } from './citation-mark.js';
import { linkTo, readMarkdown, type Block, type Inline } from './report-blocks.js';

const INK = '1F2937';
const MUTED = '6B7280';
const ACCENT = '1D4ED8';
const LINE = 'D1D5DB';
const PAPER = 'F3F4F6';
const HEADINGS = [HeadingLevel.HEADING_2, HeadingLevel.HEADING_3, HeadingLevel.HEADING_4, HeadingLevel.HEADING_5] as const;
/** Space inside the cells, in twentieths of a point. */
const CELL = { top: 80, bottom: 80, left: 120, right: 120 };

/** Writes a report as DOCX. Its fonts are the reader's own, which so can show any script that its machine knows. */
export async function writeDocx(report: Report): Promise<Uint8Array> {
  const writing = new DocxWriting();
  const children = writing.write(report);
  const line = { spacing: { after: 120, line: 300 } };
  const document = new Document({
    ...{ title: printable(report.title), creator: 'Baton', lastModifiedBy: 'Baton' },
    styles: {
      default: {
        document: { run: { font: 'Calibri', size: 22, color: INK }, paragraph: line },
        title: { run: { size: 52, bold: true, color: INK }, paragraph: { spacing: { after: 60 } } },
        heading1: {
          run: { size: 34, bold: true, color: ACCENT },
          paragraph: { spacing: { before: 420, after: 120 }, keepNext: true },
        },
        heading2: {
          run: { size: 28, bold: true, color: INK },
          paragraph: { spacing: { before: 260, after: 60 }, keepNext: true },
        },
        heading3: {
          run: { size: 24, bold: true, color: INK },
          paragraph: { spacing: { before: 200, after: 60 }, keepNext: true },
        },
      },
    },
    numbering: { config: writing.numberings.map((reference) => ({ reference, levels: [orderedLevel()] })) },
    sections: [{ footers: { default: footer(report.title) }, children }],
  });
  return new Uint8Array(await Packer.toBuffer(document));
}

class DocxWriting {
  /** One for each ordered list: each counts from its own beginning. */
  readonly numberings: string[] = [];

  write(report: Report): FileChild[] {
    const { title, createdAt, facts, error, summary, syntheses, results, sources } = report;
    const made = `${new Date(createdAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    const content: FileChild[] = [
      new Paragraph({ heading: HeadingLevel.TITLE, children: [runOf({ text: title })] }),
      new Paragraph({ children: [new TextRun({ text: made, color: MUTED, size: 18 })] }),
    ];
    if (facts.length > 0) content.push(factsTable(facts));
    if (error !== null) content.push(boxed([runOf({ text: 'Incomplete. ', bold: true }), runOf({ text: error })], 'FEF3C7'));
    if (summary !== null) content.push(section('Summary'), ...this.text(summary));
    content.push(...this.parts('Syntheses', syntheses), ...this.parts('Results', results));
    if (sources.length > 0) content.push(section('Sources'), ...sources.map(sourceLine));
    return content;
  }

  private parts(title: string, parts: readonly ReportPart[]): FileChild[] {
    if (parts.length === 0) return [];
    return [
      section(title),
      ...parts.flatMap((part): FileChild[] => [
        new Paragraph({ heading: HeadingLevel.HEADING_2, children: [runOf({ text: part.title })] }),
        ...(part.notes.length === 0
          ? []
          : [new Paragraph({ children: [new TextRun({ text: printable(part.notes.join('  ·  ')), color: MUTED, size: 18 })] })]),
        ...this.text(part.text),
      ]),
    ];
  }

  private text(markdown: string): FileChild[] {
    return readMarkdown(markdown).flatMap((block) => this.block(block, {}, 0));
  }

  private block(block: Block, around: IParagraphOptions, depth: number): FileChild[] {
    switch (block.kind) {
      case 'heading':
        return [new Paragraph({ ...around, heading: HEADINGS[Math.min(3, block.level)], children: runs(block.inlines) })];
      case 'paragraph':
        return [new Paragraph({ ...around, children: runs(block.inlines) })];
      case 'list':
        return this.list(block, depth);
      case 'quote': {
        const border = { left: { style: BorderStyle.SINGLE, size: 12, space: 10, color: LINE } };
        return block.blocks.flatMap((inner) => this.block(inner, { ...around, border, indent: { left: 240 } }, depth));
      }
      case 'code':
        return [boxed(codeRuns(block.text), PAPER)];
      case 'table':
        return [gridOf(block.rows), new Paragraph({ children: [] })];
      case 'rule':
        return [new Paragraph({ thematicBreak: true, children: [] })];
    }
  }

  private list({ ordered, items }: Extract<Block, { kind: 'list' }>, depth: number): FileChild[] {
    const reference = ordered ? this.newNumbering() : null;
    const indent = { left: 360 * (depth + 1), hanging: 300 };
    return items.flatMap((item) =>
      item.flatMap((block, index) => {
        const first =
          reference === null ? { bullet: { level: Math.min(depth, 8) } } : { numbering: { reference, level: 0 }, indent };
        return this.block(block, index === 0 ? first : { indent: { left: indent.left } }, depth + 1);
      }),
    );
  }

  private newNumbering(): string {
    const reference = `list-${this.numberings.length + 1}`;
    this.numberings.push(reference);
    return reference;
  }
}

function orderedLevel() {
  const style = { paragraph: { indent: { left: 420, hanging: 320 } } };
  return { level: 0, format: LevelFormat.DECIMAL, text: '%1.', alignment: AlignmentType.START, style };
}

function sourceLine(source: ReportSource): Paragraph {
  const link = source.url === null ? [] : [{ text: ' ' }, linkTo(source.url)];
  const children = runs([{ text: `${citationMark(source)}  ${source.title}` }, ...link]);
  return new Paragraph({ indent: { left: 420, hanging: 420 }, spacing: { after: 60 }, children });
}

function section(title: string): Paragraph {
  return new Paragraph({ heading: HeadingLevel.HEADING_1, children: [new TextRun(title)] });
}

function runs(inlines: readonly Inline[]): ParagraphChild[] {
  return inlines.flatMap(({ link, ...inline }): ParagraphChild[] => {
    if (link === undefined) return [runOf(inline)];
    return [new ExternalHyperlink({ link: printable(link), children: [runOf({ ...inline }, ACCENT)] })];
  });
}

function runOf({ text, bold, italics, strike, code }: Inline, color?: string): TextRun {
  const style = {
    ...(bold === true && { bold }),
    ...(italics === true && { italics }),
    ...(strike === true && { strike }),
    ...(color !== undefined && { color }),
    ...(code === true && { font: 'Consolas', size: 20, shading: { type: ShadingType.CLEAR, fill: PAPER } }),
  };
  return text === '\n' ? new TextRun({ ...style, break: 1 }) : new TextRun({ ...style, text: printable(text) });
}

function codeRuns(text: string): TextRun[] {
  return text
    .split('\n')
    .map((line, index) => new TextRun({ text: printable(line), font: 'Consolas', size: 18, ...(index > 0 && { break: 1 }) }));
}

function factsTable(facts: Report['facts']): Table {
  const cells = facts.map(({ name, value }) => {
    const label = new Paragraph({
      spacing: { after: 0 },
      children: [new TextRun({ text: name.toUpperCase(), size: 15, color: MUTED })],
    });
    const figure = new Paragraph({
      spacing: { after: 0 },
      children: [new TextRun({ text: printable(value), size: 24, bold: true })],
    });
    return new TableCell({ children: [label, figure], margins: CELL, shading: { type: ShadingType.CLEAR, fill: PAPER } });
  });
  return new Table({
    rows: [new TableRow({ children: cells })],
    width: { size: 100, type: WidthType.PERCENTAGE },
    borders: noBorders(),
  });
}

function boxed(children: TextRun[], fill: string): Table {
  const cell = new TableCell({
    children: [new Paragraph({ spacing: { after: 0 }, children })],
    ...{ margins: CELL, shading: { type: ShadingType.CLEAR, fill } },
  });
  return new Table({
    rows: [new TableRow({ children: [cell] })],
    width: { size: 100, type: WidthType.PERCENTAGE },
    borders: noBorders(),
  });
}

function gridOf(rows: readonly (readonly (readonly Inline[])[])[]): Table {
  const columns = rows[0]?.length ?? 0;
  const line = { style: BorderStyle.SINGLE, size: 4, color: LINE };
  const none = { style: BorderStyle.NONE, size: 0, color: 'auto' };
  return new Table({
    rows: rows.map(
      (row, index) =>
        new TableRow({
          tableHeader: index === 0,
          children: Array.from({ length: columns }, (_none, column) => {
            const inlines = (row[column] ?? []).map((inline) => (index === 0 ? { ...inline, bold: true } : inline));
            return new TableCell({
              margins: CELL,
              children: [new Paragraph({ spacing: { after: 0 }, children: runs(inlines) })],
            });
          }),
        }),
    ),
    width: { size: 100, type: WidthType.PERCENTAGE },
    borders: { top: none, left: none, right: none, insideVertical: none, bottom: line, insideHorizontal: line },
  });
}

function noBorders() {
  const none = { style: BorderStyle.NONE, size: 0, color: 'auto' };
  return { top: none, bottom: none, left: none, right: none, insideHorizontal: none, insideVertical: none };
}

function footer(title: string): Footer {
  const number = new TextRun({
    children: [`${printable(cutText(title, 80))}  ·  `, PageNumber.CURRENT, ' / ', PageNumber.TOTAL_PAGES],
    color: MUTED,
    size: 17,
  });
  return new Footer({ children: [new Paragraph({ alignment: AlignmentType.RIGHT, children: [number] })] });
}

/** XML has neither control characters nor halves of surrogate pairs; line ends are blanks. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, (char) => (char === '\t' ? char : char === '\n' ? ' ' : ''));
}
