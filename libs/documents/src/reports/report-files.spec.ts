import { inflateRawSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import type { Report } from '@baton/core';
import { readDocx } from '../docx-text.js';
import { readPdf } from '../pdf-text.js';
import { listZip } from '../zip-directory.js';
import { FileReportRenderer } from './file-report-renderer.js';
import { readMarkdown } from './report-blocks.js';

// Fonts are read for the first PDF.
jest.setTimeout(30_000);

const LIMITS = { maxBytes: 1e7, maxUnpackedBytes: 1e7, maxPages: 100, maxChars: 1e6 };

const SUMMARY = `Über **fünf** Schritte, mit \`code\` und [Quelle](https://example.org/q).

## Own heading

1. Eins
   - Ελληνικά
2. Zwei

| Spalte | Wert |
| --- | --- |
| Größe | 5 € |

> Gesagt.

\`\`\`
## no heading
\`\`\`

<script>alert(1)</script>

![pixel](https://example.org/pixel.png) [bad](javascript:alert(1)) 日 →`;

const REPORT: Report = {
  ...{ title: 'Prüfbericht — кириллица', summary: SUMMARY, error: 'One worker was late.', createdAt: Date.UTC(2026, 0, 2, 3, 4) },
  facts: [{ name: 'Duration', value: '13 min' }],
  syntheses: [{ title: 'Halb', text: 'Mitte.', notes: ['Cost 0.1'] }],
  results: Array.from({ length: 30 }, (_, n) => ({
    title: `Worker ${n}`,
    text: `Finding ${n}. `.repeat(40),
    notes: ['researcher'],
  })),
  sources: [{ numbers: [3, 7], title: 'Handbook', url: 'https://example.org/h' }],
};

/** The XML of a DOCX, by its name in the archive. */
function xmlOf(docx: Uint8Array): Map<string, string> {
  const bytes = Buffer.from(docx);
  const parts = listZip(bytes).filter(({ name }) => /\.(xml|rels)$/.test(name));
  return new Map(
    parts.map(({ name, method, offset, packedBytes }) => {
      const start = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
      const content = bytes.subarray(start, start + packedBytes);
      return [name, (method === 0 ? content : inflateRawSync(content)).toString()];
    }),
  );
}

const renderer = new FileReportRenderer({ maxChars: 100_000 });

describe('a report', () => {
  test('as Markdown has the headings of its texts below its own', async () => {
    const text = new TextDecoder().decode(await renderer.render(REPORT, 'markdown'));
    expect(text).toContain(
      '# Prüfbericht — кириллица\n\n*2026-01-02 03:04 UTC*\n\n**Duration** 13 min\n\n> **Incomplete:** One worker was late.',
    );
    expect(text).toContain('\n#### Own heading\n');
    expect(text).toContain('```\n## no heading\n```');
    expect(text).toContain('## Syntheses\n\n### Halb\n\n*Cost 0.1*\n\nMitte.');
    expect(text.endsWith('## Sources\n\n- [3] [7] Handbook <https://example.org/h>\n')).toBe(true);
  });

  test.each(['pdf', 'docx'] as const)('as %s can be read again, all of it', async (format) => {
    const bytes = await renderer.render(REPORT, format);
    const { text } = await (format === 'pdf' ? readPdf : readDocx)(bytes, LIMITS);
    const said = [
      'Prüfbericht — кириллица',
      '13 min',
      'One worker was late.',
      'Über',
      'fünf',
      'Own heading',
      'Ελληνικά',
      'Größe',
      '5 €',
    ];
    const more = [
      'Gesagt.',
      '## no heading',
      '<script>alert(1)</script>',
      'pixel',
      'bad',
      'Halb',
      'Mitte.',
      'Worker 29',
      'Finding 29.',
      '[3] [7]',
      'Handbook',
    ];
    // Readers of DOCX give Markdown back, in which marks are escaped.
    const plain = text.replaceAll(/\\(.)/g, '$1');
    for (const words of [...said, ...more]) expect(plain).toContain(words);
    expect(plain).not.toContain('javascript:');
    if (format === 'docx') expect(plain).toContain('日 →');
    else expect(plain).toMatch(/◊ ->[\s\S]*Characters that the fonts of this PDF lack[\s\S]*U\+65E5/);
  });

  test('as DOCX is XML whatever its texts hold', async () => {
    const noise = 'a\u0001b\ufffec\ud83dd';
    const part = { title: noise, text: noise, notes: [noise] };
    const source = { numbers: [1], title: noise, url: `https://example.org/${noise}` };
    const facts = [{ name: 'Status', value: noise }];
    const noisy: Report = {
      ...REPORT,
      title: noise,
      summary: `\`${noise}\``,
      error: noise,
      facts,
      results: [part],
      sources: [source],
    };
    const parts = [...xmlOf(await renderer.render(noisy, 'docx'))];
    expect(parts.join('\n')).toContain('abcd');
    // A lone surrogate becomes U+FFFD on its way into UTF-8.
    const isBroken = (xml: string): boolean => /(?![\t\n\r])\p{Cc}|[\ufffd-\uffff]/u.test(xml);
    expect(parts.filter(([, xml]) => isBroken(xml)).map(([name]) => name)).toEqual([]);
  });

  test.each(['pdf', 'docx'] as const)('as %s links to no source that is no page', async (format) => {
    const sources = [{ numbers: [1], title: 'Code', url: 'javascript:alert(1)' }];
    const bytes = await renderer.render({ ...REPORT, sources }, format);
    const links = format === 'pdf' ? Buffer.from(bytes).toString('latin1') : xmlOf(bytes).get('word/_rels/document.xml.rels');
    expect(links).toContain('https://example.org/q');
    expect(links!.includes('javascript:')).toBe(false);
  });

  test('reads Markdown in good time however it is nested or marked', () => {
    const startedAt = performance.now();
    for (const text of [
      '>'.repeat(20_000),
      '- '.repeat(20_000),
      '1. '.repeat(20_000),
      `${'a.'.repeat(50_000)}@`,
      'a**b*'.repeat(20_000),
    ])
      expect(JSON.stringify(readMarkdown(`${text}deep`))).toContain('deep');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test('has its bounds', async () => {
    const long = { ...REPORT, summary: 'x'.repeat(100_001) };
    for (const format of ['markdown', 'pdf', 'docx'] as const)
      await expect(renderer.render(long, format)).rejects.toMatchObject({ code: 'payload_too_large' });
    await expect(new FileReportRenderer({ fonts: ['/none.ttf'] }).render(REPORT, 'pdf')).rejects.toMatchObject({
      code: 'config_invalid',
    });
    expect(() => readMarkdown(`${'> '.repeat(300)}deep ${'*a '.repeat(300)}`)).not.toThrow();
  });
});
