import { fileURLToPath } from 'node:url';
import { BatonError, TextExtractor, type ExtractedText, type SourceFile } from '@baton/core';
import { detectFileType } from './file-type.js';
import { ReaderPool } from './reader-pool.js';
import type { ReadLimits } from './read-limits.js';

export interface FileTextExtractorOptions extends Partial<ReadLimits> {
  /** Milliseconds that reading one file may take. */
  timeoutMs?: number;
  /** Memory of one reader process. */
  maxMemoryBytes?: number;
  /** Reader processes at once. */
  readers?: number;
  /** The program of a reader and the options of Node that it needs: for tests, which run uncompiled. */
  program?: { file: string; execArgv: readonly string[] };
}

const MEBIBYTE = 1_048_576;
const DEFAULT_LIMITS: ReadLimits = {
  maxBytes: 64 * MEBIBYTE,
  maxUnpackedBytes: 256 * MEBIBYTE,
  maxPages: 5_000,
  maxChars: 16_000_000,
};
/** A reader may read files and start its guard, nothing else. */
const PERMISSIONS = ['--permission', '--allow-fs-read=*', '--allow-worker'];

/**
 * {@link TextExtractor} of PDF, HTML, DOCX, Markdown and plain text. Text is decoded here; what needs a parser is read in processes of their
 * own, which are ended when a file takes too long or too much memory.
 */
export class FileTextExtractor extends TextExtractor {
  private readonly limits: ReadLimits;
  private readonly pool: ReaderPool;

  constructor(options: FileTextExtractorOptions = {}) {
    super();
    const { timeoutMs = 30_000, maxMemoryBytes = 1_024 * MEBIBYTE, readers = 2, program, ...limits } = options;
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.pool = new ReaderPool(readers, {
      program: program?.file ?? fileURLToPath(new URL('./reader-process.js', import.meta.url)),
      execArgv: program?.execArgv ?? PERMISSIONS,
      timeoutMs,
      maxMemoryBytes,
    });
  }

  async extract(file: SourceFile, signal?: AbortSignal): Promise<ExtractedText> {
    const { length } = file.bytes;
    if (length === 0) throw new BatonError('document_empty', 'The file is empty');
    if (length > this.limits.maxBytes) {
      throw new BatonError('payload_too_large', `The file has ${length} bytes; the limit is ${this.limits.maxBytes}`);
    }
    const extracted = await this.read(file, signal);
    if (extracted.text.trim() === '') throw new BatonError('document_empty', 'The file has no text');
    return extracted;
  }

  /** Ends the readers. Files in work are read to their end, or their signal. */
  async close(): Promise<void> {
    await this.pool.close();
  }

  private async read(file: SourceFile, signal?: AbortSignal): Promise<ExtractedText> {
    const type = detectFileType(file);
    const { limits } = this;
    switch (type.kind) {
      case 'pdf':
      case 'docx':
        return await this.pool.read({ kind: type.kind, content: file.bytes, limits }, signal);
      case 'html':
        return await this.pool.read({ kind: 'html', content: type.text, limits }, signal);
      case 'markdown':
      case 'text':
        return this.plain(type.text, type.kind === 'markdown' ? 'text/markdown' : 'text/plain');
    }
  }

  private plain(text: string, mediaType: ExtractedText['mediaType']): ExtractedText {
    const { maxChars } = this.limits;
    if (text.length > maxChars) throw new BatonError('payload_too_large', `The file has more than ${maxChars} characters`);
    return { text, mediaType, title: null };
  }
}
