import { BatonError, type ExtractedText } from '@baton/core';
import mammoth from 'mammoth';
import { readHtml } from './html-text.js';
import type { ReadLimits } from './read-limits.js';
import { checkZip } from './zip-directory.js';

/** Markdown from DOCX: headings, lists and tables by their styles; images, comments and looks go. */
export async function readDocx(bytes: Uint8Array, limits: ReadLimits): Promise<ExtractedText> {
  checkZip(bytes, limits.maxUnpackedBytes);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const convertImage = mammoth.images.imgElement(() => Promise.resolve({ src: '' }));
  try {
    const { value } = await mammoth.convertToHtml({ buffer }, { convertImage });
    return readHtml(value);
  } catch (error) {
    throw new BatonError('document_unreadable', `The DOCX cannot be read: ${(error as Error).message}`);
  }
}
