import { BatonError, type SourceFile } from '@baton/core';
import { decodeText } from './plain-text.js';
import { listZip } from './zip-directory.js';

/** What a file is. Text comes decoded, since only its text tells what kind of text it is. */
export type FileType = { kind: 'pdf' | 'docx' } | { kind: 'html' | 'markdown' | 'text'; text: string };

/** Files that begin like this are something that cannot be read. */
const UNREADABLE: readonly [magic: string, what: string][] = [
  ['\x1f\x8b', 'a gzip archive'],
  ['{\\rtf', 'an RTF document'],
  ['%!PS', 'a PostScript document'],
  ['\xd0\xcf\x11\xe0', 'a document of an old Office format'],
  ['\x89PNG', 'an image'],
  ['\xff\xd8\xff', 'an image'],
  ['GIF8', 'an image'],
];
/** How far into a file its kind is looked for. PDF readers accept a header so late. */
const HEAD_BYTES = 1_024;
/** A comment ends at its first `-->`: if it could end at a later one too, there would be too many ways to read a row of them. */
const HTML_START = /^\s*(?:<\?xml[^>]*>\s*|<!--(?:(?!-->)[\s\S])*-->\s*)*<(?:!doctype\s+html|html|head|body)\b/i;
const ANY_TAG = /<[a-z!/]/i;

/**
 * What a file is: by its bytes; only which kind of text it is, its declared type or its name may say.
 * @throws BatonError `document_unsupported` or `document_encrypted`.
 */
export function detectFileType(file: SourceFile): FileType {
  const { bytes } = file;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES)).toString('latin1');
  // A text may speak of this head, too; a PDF with other bytes before it is none.
  if (head.startsWith('%PDF-') || (head.includes('%PDF-') && decodeText(bytes) === null)) return { kind: 'pdf' };
  if (head.startsWith('PK\x03\x04')) return zipType(bytes);
  const magic = UNREADABLE.find(([start]) => head.startsWith(start));
  if (magic !== undefined) {
    if (isEncryptedOffice(bytes)) throw new BatonError('document_encrypted', 'The document is protected by a password');
    throw unsupported(magic[1]);
  }
  const text = decodeText(bytes);
  if (text === null) throw unsupported('binary');
  return { kind: textKind(file, text), text };
}

function zipType(bytes: Uint8Array): FileType {
  const isDocx = listZip(bytes).some(({ name }) => name === 'word/document.xml');
  if (isDocx) return { kind: 'docx' };
  throw unsupported('a ZIP archive, and no DOCX');
}

/** Office puts an encrypted document into a container of its old format. */
function isEncryptedOffice(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(Buffer.from('EncryptedPackage', 'utf16le'));
}

function textKind({ name, mediaType }: SourceFile, text: string): 'html' | 'markdown' | 'text' {
  if (HTML_START.test(text.slice(0, HEAD_BYTES))) return 'html';
  const declared = mediaType?.split(';', 1)[0]!.trim().toLowerCase() ?? '';
  const extension = /\.([a-z0-9]+)$/i.exec(name ?? '')?.[1]?.toLowerCase() ?? '';
  const isHtml = ['text/html', 'application/xhtml+xml'].includes(declared) || ['html', 'htm', 'xhtml'].includes(extension);
  if (isHtml && ANY_TAG.test(text)) return 'html';
  const isMarkdown = ['text/markdown', 'text/x-markdown'].includes(declared) || ['md', 'markdown'].includes(extension);
  return isMarkdown ? 'markdown' : 'text';
}

function unsupported(what: string): BatonError {
  return new BatonError('document_unsupported', `The file is ${what}`);
}
