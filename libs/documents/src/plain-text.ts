const BOMS: readonly [bytes: readonly number[], encoding: string][] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];
/** The control characters that texts have: tab, line ends, form feed and the like, escape. */
const TEXT_CONTROLS = new Set([9, 10, 11, 12, 13, 27]);
const FIRST_PRINTABLE = 32;
const DECLARED_CHARSET = /charset\s*=\s*["']?([\w:-]{1,40})/i;
const HEAD_BYTES = 1_024;
/** Share of NUL bytes on one side of the pairs from which a file without a mark counts as UTF-16. */
const UTF16_SHARE = 0.4;

/**
 * The text of bytes: by its byte order mark, as UTF-8, as UTF-16, in the charset that an HTML file declares, or in Windows-1252, which has
 * all of Latin-1. Null where it is not text.
 */
export function decodeText(bytes: Uint8Array): string | null {
  const marked = BOMS.find(([mark]) => mark.every((byte, index) => bytes[index] === byte));
  const text = marked === undefined ? decodeUnmarked(bytes) : decode(bytes, marked[1]);
  return text === null || isBinary(text) ? null : text;
}

function decodeUnmarked(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return decode(bytes, wideEncoding(bytes));
  const utf8 = decode(bytes, 'utf-8');
  if (utf8 !== null) return utf8;
  const head = Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString('latin1');
  const declared = DECLARED_CHARSET.exec(head)?.[1];
  return (declared === undefined ? null : decode(bytes, declared)) ?? decode(bytes, 'windows-1252');
}

/** Null where the bytes are not of the encoding, or nobody knows it. */
function decode(bytes: Uint8Array, encoding: string | null): string | null {
  if (encoding === null) return null;
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Most text in UTF-16 has a zero in every other byte. */
function wideEncoding(bytes: Uint8Array): string | null {
  const zeros = [0, 0];
  const looked = Math.min(bytes.length, 4 * HEAD_BYTES);
  for (let index = 0; index < looked; index += 1) if (bytes[index] === 0) zeros[index % 2]! += 1;
  const [even, odd] = zeros.map((count) => (2 * count) / looked) as [number, number];
  if (odd > UTF16_SHARE && even < 0.1) return 'utf-16le';
  return even > UTF16_SHARE && odd < 0.1 ? 'utf-16be' : null;
}

function isBinary(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < FIRST_PRINTABLE && !TEXT_CONTROLS.has(code)) return true;
  }
  return false;
}
