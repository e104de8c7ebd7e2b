import { BatonError, type ExtractedText } from '@baton/core';
import { getDocumentProxy } from 'unpdf';
import type { ReadLimits } from './read-limits.js';

/** A piece of text on a page, as pdf.js gives it: y grows upwards. */
interface TextItem {
  str: string;
  hasEOL: boolean;
  height: number;
  transform: number[];
}

/** A gap between two lines from which it parts paragraphs, in heights of a line. */
const PARAGRAPH_GAP = 1.7;

/** The text of a PDF, page after page, its paragraphs apart. */
export async function readPdf(bytes: Uint8Array, limits: ReadLimits): Promise<ExtractedText> {
  const pdf = await open(bytes);
  if (pdf.numPages > limits.maxPages) {
    throw new BatonError('payload_too_large', `The file has ${pdf.numPages} pages; the limit is ${limits.maxPages}`);
  }
  const pages: string[] = [];
  let chars = 0;
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    const text = layOut(items.filter((item): item is typeof item & TextItem => 'str' in item));
    page.cleanup();
    pages.push(text);
    chars += text.length;
    if (chars > limits.maxChars)
      throw new BatonError('payload_too_large', `The file has more than ${limits.maxChars} characters`);
  }
  return { text: pages.filter((page) => page !== '').join('\n\n'), mediaType: 'text/plain', title: await titleOf(pdf) };
}

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

async function open(bytes: Uint8Array): Promise<Pdf> {
  try {
    return await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 });
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'PasswordException') throw new BatonError('document_encrypted', 'The PDF is protected by a password');
    throw new BatonError('document_unreadable', `The PDF cannot be read: ${message}`);
  }
}

async function titleOf(pdf: Pdf): Promise<string | null> {
  const { info } = await pdf.getMetadata();
  const title = 'Title' in info && typeof info.Title === 'string' ? info.Title.trim() : '';
  return title === '' ? null : title;
}

/** Lines from pieces, paragraphs from lines; a word that a line end cuts is joined, dots that lead to a page number are cut short. */
function layOut(items: readonly TextItem[]): string {
  let text = '';
  let lastY: number | null = null;
  for (const { str, hasEOL, height, transform } of items) {
    const y = transform[5] ?? 0;
    if (str.trim() !== '') {
      if (lastY !== null && lastY - y > PARAGRAPH_GAP * height && text.endsWith('\n')) text += '\n';
      lastY = y;
    }
    text += str;
    if (hasEOL) text += '\n';
  }
  return text
    .replaceAll('\0', '')
    .replaceAll(/(\p{L})-\n(?=\p{Ll})/gu, '$1')
    .replaceAll(/(?: ?\.){5,}/g, ' …')
    .replaceAll(/[ \t]+\n/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}
