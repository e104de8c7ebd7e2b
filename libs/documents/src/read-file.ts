import { BatonError, type ExtractedText } from '@baton/core';
import { readDocx } from './docx-text.js';
import { readHtml } from './html-text.js';
import { readPdf } from './pdf-text.js';
import type { ReadRequest } from './read-limits.js';

/** Reads a file of a kind that needs a parser: what a reader process does. @throws BatonError, or whatever its parser throws. */
export async function readFile({ kind, content, limits }: ReadRequest): Promise<ExtractedText> {
  const read = await parse(kind, content, limits);
  if (read.text.length > limits.maxChars) {
    throw new BatonError('payload_too_large', `The file has more than ${limits.maxChars} characters`);
  }
  return read;
}

function parse(
  kind: ReadRequest['kind'],
  content: ReadRequest['content'],
  limits: ReadRequest['limits'],
): ExtractedText | Promise<ExtractedText> {
  if (typeof content === 'string') return readHtml(content);
  return kind === 'pdf' ? readPdf(content, limits) : readDocx(content, limits);
}
