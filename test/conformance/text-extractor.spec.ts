import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateSync } from 'node:zlib';
import type { SourceFile } from '@baton/core';
import { FileTextExtractor, type FileTextExtractorOptions } from '@baton/documents';
import { eventually } from '../support/eventually.js';
import { spawnBound } from '../support/services.js';
import { docxFile, docxParagraph, docxTable, pdfFile, zipFile } from '../support/sample-files.js';

const HOOKS = pathToFileURL(join(process.cwd(), 'test/support/typescript-hooks.ts')).href;
const PROGRAM = { file: join(process.cwd(), 'libs/documents/src/reader-process.ts'), execArgv: ['--import', HOOKS] };

const open: FileTextExtractor[] = [];
function extractor(options: FileTextExtractorOptions = {}): FileTextExtractor {
  const made = new FileTextExtractor({ program: PROGRAM, ...options });
  open.push(made);
  return made;
}
const shared = extractor();
afterAll(() => Promise.all(open.map((each) => each.close())));

const file = (bytes: Uint8Array | string, more: Partial<SourceFile> = {}): SourceFile => ({
  ...{ name: null, mediaType: null, bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes },
  ...more,
});
const extract = (bytes: Uint8Array | string, more?: Partial<SourceFile>) => shared.extract(file(bytes, more));
const refusal = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

/** A PDF whose only page inflates to so many bytes of drawing without text. */
function pdfBomb(bytes: number): Buffer {
  const packed = deflateSync(Buffer.alloc(bytes, 'q Q '));
  const head = `%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj
3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>\nendobj
4 0 obj\n<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n`;
  return Buffer.concat([Buffer.from(head), packed, Buffer.from('\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n')]);
}

/** Ids of the running processes that have this argument. */
function processesWith(argument: string): string[] {
  const ids = readdirSync('/proc').filter((id) => /^\d+$/.test(id));
  return ids.filter((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0').includes(argument);
    } catch {
      // It has ended in between.
      return false;
    }
  });
}

describe('PDF', () => {
  test('gives its text page by page, paragraphs apart, cut words joined', async () => {
    const pdf = pdfFile(
      [['The baton is the ex-', 'clusive right (to advance a run).', '', 'A second paragraph.'], ['The next page.']],
      { title: 'On batons' },
    );
    expect(await extract(pdf)).toEqual({
      text: 'The baton is the exclusive right (to advance a run).\n\nA second paragraph.\n\nThe next page.',
      mediaType: 'text/plain',
      title: 'On batons',
    });
  });

  test('without text, encrypted or broken is refused by name', async () => {
    await expect(extract(pdfFile([[]]))).rejects.toEqual(refusal('document_empty', /no text/));
    await expect(extract(pdfFile([['x']], { encrypted: true }))).rejects.toEqual(refusal('document_encrypted', /password/));
    await expect(extract('%PDF-1.7 and then nothing')).rejects.toEqual(refusal('document_unreadable', /PDF/));
  });

  test('has a limit of pages and of characters', async () => {
    const pdf = pdfFile([['one'], ['two'], ['three']]);
    await expect(extractor({ maxPages: 2 }).extract(file(pdf))).rejects.toEqual(refusal('payload_too_large', /3 pages/));
    await expect(extractor({ maxChars: 5 }).extract(file(pdf))).rejects.toEqual(refusal('payload_too_large', /5 characters/));
  });
});

describe('HTML', () => {
  test('becomes Markdown with its headings, lists, code and tables, without what is not text', async () => {
    const html = `<!DOCTYPE html><html><head><title>The &amp; guide</title><style>p{}</style></head><body>
      <nav>Home | About</nav><div class="navheader">Prev Next</div><script>alert(1)</script>
      <h1>Locks<a class="headerlink" href="#locks">¶</a></h1><p>They <em>expire</em>, see <a href="https://example.org/x">below</a>.</p>
      <ul><li>one</li><li>two</li></ul><pre class="screen">a_b = 1\n  c</pre>
      <table><tr><th>name</th><th>value</th></tr><tr><td>TTL</td><td>30 | s</td></tr></table></body></html>`;
    const { text, mediaType, title } = await extract(html);
    expect({ mediaType, title }).toEqual({ mediaType: 'text/markdown', title: 'The & guide' });
    expect(text.replaceAll(/- {3}/g, '- ')).toBe(
      '# Locks\n\nThey expire, see below.\n\n- one\n- two\n\n```\na_b = 1\n  c\n```\n\n' +
        '| name | value |\n| --- | --- |\n| TTL | 30 \\| s |',
    );
  });

  test('of scripts only has no text, and nesting without end is refused', async () => {
    await expect(extract('<html><script>1</script></html>')).rejects.toEqual(refusal('document_empty', /no text/));
    const deep = extractor({ timeoutMs: 2_000 }).extract(file(`<html>${'<div>'.repeat(200_000)}x`));
    await expect(deep).rejects.toMatchObject({ code: expect.stringMatching(/document_unreadable|timeout/) });
  }, 30_000);
});

describe('DOCX', () => {
  test('becomes Markdown with its headings and tables', async () => {
    const docx = docxFile(
      docxParagraph('Leases', 'Heading1') +
        docxParagraph('A sign of life.') +
        docxTable([
          ['a', 'b'],
          ['1', '2'],
        ]),
    );
    const { text, mediaType } = await extract(docx);
    expect(mediaType).toBe('text/markdown');
    expect(text).toBe('# Leases\n\nA sign of life.\n\n| a | b |\n| 1 | 2 |');
  });

  test('that is a bomb is refused before it is unpacked', async () => {
    const bomb = zipFile({ 'word/document.xml': Buffer.alloc(40_000_000) });
    expect(bomb.length).toBeLessThan(100_000);
    const call = extractor({ maxUnpackedBytes: 10_000_000 }).extract(file(bomb));
    await expect(call).rejects.toEqual(refusal('payload_too_large', /unpacks to more than/));
  });

  test('that is cut off, another archive, or encrypted is refused by name', async () => {
    const docx = docxFile(docxParagraph('x'));
    await expect(extract(docx.subarray(0, docx.length - 30))).rejects.toEqual(refusal('document_unreadable', /archive/));
    await expect(extract(zipFile({ 'a.txt': 'a' }))).rejects.toEqual(refusal('document_unsupported', /ZIP/));
    await expect(extract(docxFile('<not closed'))).rejects.toEqual(refusal('document_unreadable', /DOCX/));
    const office = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.from('EncryptedPackage', 'utf16le')]);
    await expect(extract(office)).rejects.toEqual(refusal('document_encrypted', /password/));
  });
});

describe('text', () => {
  test.each([
    ['UTF-8', Buffer.from('größe ✓')],
    ['UTF-8 with a mark', Buffer.from('\uFEFFgröße ✓')],
    ['UTF-16 LE with a mark', Buffer.from('\uFEFFgröße ✓', 'utf16le')],
    ['UTF-16 BE with a mark', Buffer.from('\uFEFFgröße ✓', 'utf16le').swap16()],
    ['UTF-16 LE without a mark', Buffer.from('größe ✓', 'utf16le')],
  ])('in %s', async (_, bytes) => {
    expect((await extract(bytes)).text.replace('\uFEFF', '')).toBe('größe ✓');
  });

  test('in Latin-1, or what an HTML file declares', async () => {
    expect((await extract(Buffer.from('größe', 'latin1'))).text).toBe('größe');
    const html = Buffer.concat([Buffer.from('<html><meta charset="iso-8859-5"><p>'), Buffer.from([0xb1, 0xd0])]);
    expect((await extract(html)).text).toBe('Ба');
  });

  test('is Markdown by its declared type or its name', async () => {
    expect(await extract('# T', { mediaType: 'text/markdown; charset=utf-8' })).toMatchObject({ mediaType: 'text/markdown' });
    expect(await extract('# T', { name: 'a/README.md' })).toMatchObject({ mediaType: 'text/markdown' });
    expect(await extract('# T')).toMatchObject({ mediaType: 'text/plain' });
  });

  test('that is binary, empty or too long is refused', async () => {
    await expect(extract(Buffer.from([1, 0, 2, 0, 0, 7]))).rejects.toEqual(refusal('document_unsupported', /binary/));
    await expect(extract('')).rejects.toEqual(refusal('document_empty', /empty/));
    await expect(extract(' \n')).rejects.toEqual(refusal('document_empty', /no text/));
    await expect(extractor({ maxBytes: 3 }).extract(file('four'))).rejects.toEqual(refusal('payload_too_large', /4 bytes/));
    await expect(extractor({ maxChars: 3 }).extract(file('four'))).rejects.toEqual(refusal('payload_too_large', /3 characters/));
  });
});

describe('the bytes decide', () => {
  test.each([
    ['a PDF named .txt', pdfFile([['real']]), { name: 'a.txt', mediaType: 'text/plain' }, 'real'],
    ['text declared as PDF', 'real', { name: 'a.pdf', mediaType: 'application/pdf' }, 'real'],
    ['HTML declared as text', '<!doctype html><p>real', { mediaType: 'text/plain' }, 'real'],
    ['text declared as HTML', 'real', { mediaType: 'text/html' }, 'real'],
  ])('about %s', async (_, bytes, declared, text) => {
    expect((await extract(bytes, declared)).text).toBe(text);
  });
});

describe('a hostile file', () => {
  test('that takes too long is given up, and the next one is read', async () => {
    const hurried = extractor({ timeoutMs: 300, readers: 1 });
    expect((await extractor({ readers: 1 }).extract(file(pdfFile([['fine']])))).text).toBe('fine');
    await expect(hurried.extract(file(pdfBomb(200_000_000)))).rejects.toEqual(refusal('timeout', /300 ms/));
  }, 30_000);

  test('that takes too much memory ends its reader, not this process', async () => {
    const small = extractor({ maxMemoryBytes: 300_000_000, readers: 1, timeoutMs: 30_000 });
    await expect(small.extract(file(pdfBomb(900_000_000)))).rejects.toEqual(refusal('document_unreadable', /memory/));
    expect((await small.extract(file(pdfFile([['fine']])))).text).toBe('fine');
  }, 60_000);

  test('is left alone when nobody wants it any more', async () => {
    const call = shared.extract(file(pdfBomb(200_000_000)), AbortSignal.timeout(50));
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
  }, 30_000);
});

test('a reader ends when the process that it reads for is killed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'baton-reader-'));
  // Its memory limit is how the reader is known among all processes.
  const mark = String(2_000_000_000 + (process.pid % 100_000));
  writeFileSync(join(dir, 'bomb.pdf'), pdfBomb(1_200_000_000));
  const script = `
    import { readFileSync } from 'node:fs';
    import { FileTextExtractor } from '@baton/documents';
    const program = ${JSON.stringify(PROGRAM)};
    const extractor = new FileTextExtractor({ program, maxMemoryBytes: ${mark}, timeoutMs: 300_000 });
    await extractor.extract({ name: null, mediaType: null, bytes: readFileSync(${JSON.stringify(join(dir, 'bomb.pdf'))}) });`;
  writeFileSync(join(dir, 'parent.ts'), script);
  const parent = spawnBound(process.execPath, ['--import', HOOKS, join(dir, 'parent.ts')], { stdio: 'ignore' });
  await eventually(() => processesWith(mark).length === 1, 'the reader is at work', 30_000);
  parent.kill('SIGKILL');
  await eventually(() => processesWith(mark).length === 0, 'the reader has ended', 10_000);
  rmSync(dir, { recursive: true });
}, 60_000);

test('many files at once wait their turn', async () => {
  const pages = Array.from({ length: 20 }, (_, index) => `page ${index}`);
  const read = await Promise.all(pages.map((page) => extract(pdfFile([[page]]))));
  expect(read.map(({ text }) => text)).toEqual(pages);
});
