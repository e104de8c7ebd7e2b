import { BatonError, ReportRenderer, type Report, type ReportFormat } from '@baton/core';
import { writeMarkdown } from './markdown-report.js';
import type { ReportFonts } from './report-fonts.js';

export interface ReportRendererOptions {
  /** Files of fonts for scripts that Roboto lacks, the first that has a character first. */
  fonts?: readonly string[];
  /** Characters of a report. Default 1,000,000. */
  maxChars?: number;
}

/** {@link ReportRenderer} in this process. Laying out a PDF takes the thread for some milliseconds a page. */
export class FileReportRenderer extends ReportRenderer {
  private fonts: ReportFonts | null = null;

  constructor(private readonly options: ReportRendererOptions = {}) {
    super();
  }

  async render(report: Report, format: ReportFormat): Promise<Uint8Array> {
    const markdown = writeMarkdown(report);
    const { maxChars = 1_000_000 } = this.options;
    if (markdown.length > maxChars) {
      const detail = `The report has ${markdown.length} characters; ${maxChars} are allowed.`;
      throw new BatonError('payload_too_large', detail, {}, { retryable: false });
    }
    if (format === 'markdown') return new TextEncoder().encode(markdown);
    return format === 'docx' ? this.writeDocx(report) : this.writePdf(report);
  }

  // What lays out files is loaded with the first one: few processes ever write any.

  private async writeDocx(report: Report): Promise<Uint8Array> {
    const { writeDocx } = await import('./docx-report.js');
    return writeDocx(report);
  }

  private async writePdf(report: Report): Promise<Uint8Array> {
    const [{ writePdf }, { ReportFonts }] = await Promise.all([import('./pdf-report.js'), import('./report-fonts.js')]);
    return writePdf(report, (this.fonts ??= new ReportFonts(this.options.fonts)));
  }
}
