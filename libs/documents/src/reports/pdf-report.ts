import pdfmake from 'pdfmake';
import type { Report, ReportPart } from '@baton/core';
import { citationMark } from './citation-mark.js';
import { linkTo, readMarkdown, type Block, type Inline } from './report-blocks.js';
import type { ReportFonts } from './report-fonts.js';

type Content = Record<string, unknown>;

const INK = '#1f2937';
const MUTED = '#6b7280';
const ACCENT = '#1d4ed8';
const LINE = '#d1d5db';
const PAPER = '#f3f4f6';
const SIZES = [17, 14.5, 12.5, 11.5, 11, 11];

/** What does not count as what a heading stands above. */
const NO_TEXT = 2;

const SHADED = {
  hLineWidth: () => 0,
  vLineWidth: () => 0,
  ...{ paddingLeft: () => 8, paddingRight: () => 8, paddingTop: () => 6, paddingBottom: () => 6 },
};
const GRID = {
  hLineWidth: (row: number) => (row === 1 ? 0.8 : 0.4),
  vLineWidth: () => 0,
  hLineColor: () => LINE,
  ...{ paddingLeft: () => 4, paddingRight: () => 8, paddingTop: () => 4, paddingBottom: () => 4 },
};
const BAR = {
  hLineWidth: () => 0,
  vLineWidth: (column: number) => (column === 0 ? 2 : 0),
  vLineColor: () => LINE,
  ...{ paddingLeft: () => 10, paddingRight: () => 0, paddingTop: () => 1, paddingBottom: () => 1 },
};

/** Draws a report on pages of A4. Nothing is fetched: pictures are their descriptions, and links are only links. */
export async function writePdf(report: Report, fonts: ReportFonts): Promise<Uint8Array> {
  const drawing = new PdfDrawing(fonts);
  const content = drawing.draw(report);
  pdfmake.setUrlAccessPolicy(() => false);
  const files = new Set(Object.values(fonts.files).flatMap((styles) => Object.values(styles)));
  pdfmake.setLocalAccessPolicy((path) => files.has(path));
  pdfmake.setFonts(fonts.files);
  const document = pdfmake.createPdf({
    info: { title: report.title, creator: 'Baton', producer: 'Baton', creationDate: new Date(report.createdAt) },
    ...{ pageSize: 'A4', pageMargins: [64, 64, 64, 64], content: content as never, language: 'en' },
    defaultStyle: { font: 'Roboto', fontSize: 10.5, lineHeight: 1.32, color: INK },
    footer: (page: number, pages: number) =>
      ({
        columns: [
          { text: drawing.runs([{ text: shorten(report.title) }]), color: MUTED, headlineLevel: NO_TEXT },
          { text: `${page} / ${pages}`, alignment: 'right', color: MUTED, width: 60, headlineLevel: NO_TEXT },
        ],
        ...{ margin: [64, 24, 64, 0], fontSize: 8.5, headlineLevel: NO_TEXT },
      }) as never,
    // No heading stands alone at the end of a page.
    pageBreakBefore: (node, siblings) =>
      node.headlineLevel === 1 && siblings.getFollowingNodesOnPage().every(({ headlineLevel }) => headlineLevel !== undefined),
  });
  return document.getBuffer();
}

class PdfDrawing {
  private readonly lacking = new Set<string>();

  constructor(private readonly fonts: ReportFonts) {}

  draw(report: Report): Content[] {
    const { summary, syntheses, results, sources, error } = report;
    const content = this.head(report);
    if (error !== null) content.push(this.incomplete(error));
    if (summary !== null) content.push(this.section('Summary'), ...this.text(summary));
    content.push(...this.parts('Syntheses', syntheses), ...this.parts('Results', results));
    if (sources.length > 0) content.push(this.section('Sources'), this.sources(sources));
    if (this.lacking.size > 0) content.push(this.note());
    return content;
  }

  /** Text in the fonts that have it. */
  runs(inlines: readonly Inline[]): Content[] {
    return inlines.flatMap(({ text, bold, italics, strike, code, link }) =>
      this.fonts
        .split(text, (char) => this.lacking.add(char))
        .map((run) => ({
          ...run,
          ...(bold === true && { bold }),
          ...(italics === true && { italics }),
          ...(strike === true && { decoration: 'lineThrough' }),
          ...(code === true && { background: PAPER, fontSize: 9.5 }),
          ...(link !== undefined && { link, color: ACCENT }),
        })),
    );
  }

  private head({ title, facts, createdAt }: Report): Content[] {
    const made = `${new Date(createdAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    const cells = facts.map(({ name, value }) => [
      { text: name.toUpperCase(), fontSize: 7.5, color: MUTED, characterSpacing: 0.6 },
      { text: this.runs([{ text: value }]), fontSize: 12, bold: true, margin: [0, 1, 0, 0] },
    ]);
    return [
      { canvas: [{ type: 'rect', x: 0, y: 0, w: 42, h: 4, color: ACCENT }], margin: [0, 0, 0, 14] },
      { text: this.runs([{ text: title }]), fontSize: 25, bold: true, lineHeight: 1.1 },
      { text: made, color: MUTED, fontSize: 9, margin: [0, 6, 0, 16] },
      ...(cells.length === 0
        ? []
        : [
            {
              table: { widths: cells.map(() => '*'), body: [cells.map((stack) => ({ stack, fillColor: PAPER }))] },
              layout: SHADED,
            },
          ]),
    ];
  }

  private incomplete(error: string): Content {
    const text = [{ text: 'Incomplete. ', bold: true }, ...this.runs([{ text: error }])];
    return { table: { widths: ['*'], body: [[{ text, fillColor: '#fef3c7' }]] }, layout: SHADED, margin: [0, 14, 0, 0] };
  }

  private section(title: string): Content {
    return { text: title, fontSize: SIZES[0], bold: true, color: ACCENT, margin: [0, 22, 0, 6], headlineLevel: 1 };
  }

  private parts(title: string, parts: readonly ReportPart[]): Content[] {
    if (parts.length === 0) return [];
    return [
      this.section(title),
      ...parts.flatMap((part) => [
        { text: this.runs([{ text: part.title }]), fontSize: SIZES[1], bold: true, margin: [0, 8, 0, 1], headlineLevel: 1 },
        ...(part.notes.length === 0
          ? []
          : [
              {
                text: this.runs([{ text: part.notes.join('  ·  ') }]),
                color: MUTED,
                fontSize: 9,
                margin: [0, 0, 0, 3],
                headlineLevel: NO_TEXT,
              },
            ]),
        ...this.text(part.text),
      ]),
    ];
  }

  private sources(sources: Report['sources']): Content {
    const stack = sources.map((source) => ({
      columns: [
        { text: citationMark(source), color: MUTED, width: 64 },
        {
          text: [
            ...this.runs([{ text: source.title }]),
            ...(source.url === null ? [] : [{ text: '  ' }, ...this.runs([linkTo(source.url)])]),
          ],
        },
      ],
      margin: [0, 0, 0, 3],
    }));
    return { stack, fontSize: 9.5 };
  }

  private note(): Content {
    const some = [...this.lacking]
      .slice(0, 5)
      .map((char) => `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`);
    const codes = `${some.join(', ')}${this.lacking.size > some.length ? ', …' : ''}`;
    const text = `Characters that the fonts of this PDF lack are shown as ◊ (${codes}). They stand in the report as Markdown and DOCX; REPORT_FONTS names fonts that have them.`;
    return { text, color: MUTED, fontSize: 8.5, margin: [0, 18, 0, 0] };
  }

  private text(markdown: string): Content[] {
    return readMarkdown(markdown).map((block) => this.block(block));
  }

  private block(block: Block): Content {
    switch (block.kind) {
      case 'heading':
        return {
          ...{ text: this.runs(block.inlines), fontSize: SIZES[Math.min(5, block.level + 1)], bold: true },
          ...{ margin: [0, 8, 0, 2], headlineLevel: 1 },
        };
      case 'paragraph':
        return { text: this.runs(block.inlines), margin: [0, 2, 0, 5] };
      case 'list': {
        const items = block.items.map((item) => ({
          stack: item.map((inner) => ({ ...this.block(inner), margin: [0, 0, 0, 2] })),
        }));
        return {
          ...(block.ordered ? { ol: items, start: block.start } : { ul: items }),
          margin: [0, 2, 0, 6],
          markerColor: MUTED,
        };
      }
      case 'quote': {
        const stack = block.blocks.map((inner) => this.block(inner));
        return { table: { widths: ['*'], body: [[{ stack, color: MUTED }]] }, layout: BAR, margin: [0, 3, 0, 6] };
      }
      case 'code': {
        const cell = {
          text: this.runs([{ text: block.text }]),
          fontSize: 9,
          preserveLeadingSpaces: true,
          fillColor: PAPER,
          lineHeight: 1.25,
        };
        return { table: { widths: ['*'], body: [[cell]] }, layout: SHADED, margin: [0, 3, 0, 7] };
      }
      case 'table': {
        const [header = [], ...rows] = block.rows;
        const body = [
          header.map((cell) => ({ text: this.runs(cell), bold: true })),
          ...rows.map((row) => header.map((_cell, column) => ({ text: this.runs(row[column] ?? []) }))),
        ];
        const widths = header.map(() => '*');
        return { table: { headerRows: 1, widths, body }, layout: GRID, fontSize: 9.5, margin: [0, 4, 0, 8] };
      }
      case 'rule':
        return {
          canvas: [{ type: 'line', x1: 0, y1: 0, x2: 467, y2: 0, lineWidth: 0.5, lineColor: LINE }],
          margin: [0, 8, 0, 8],
        };
    }
  }
}

function shorten(title: string): string {
  return title.length <= 80 ? title : `${title.slice(0, 79)}…`;
}
