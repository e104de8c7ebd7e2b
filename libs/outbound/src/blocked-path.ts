/** Servers differ in how often they decode a path; nobody who means well does it so often. */
const MAX_DECODINGS = 5;

/**
 * Whether a path is one of the blocked ones or lies under one. It is compared as the most lenient server would read it: decoded again and again,
 * in lower case, with `\` as `/`, dot segments followed, and without parameters behind `;`.
 */
export function isBlockedPath(path: string, blocked: readonly string[]): boolean {
  const plain = decodeFully(path);
  if (plain === null) return blocked.length > 0;
  const segments = segmentsOf(plain);
  return blocked.some((entry) => {
    const wanted = segmentsOf(entry);
    return wanted.length > 0 && wanted.every((segment, index) => segments[index] === segment);
  });
}

/** Null where it goes on decoding. */
function decodeFully(path: string): string | null {
  let text = path;
  for (let round = 0; round < MAX_DECODINGS; round += 1) {
    const decoded = text.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
    if (decoded === text) return text;
    text = decoded;
  }
  return null;
}

function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (const part of path.toLowerCase().replaceAll('\\', '/').split('/')) {
    const segment = part.split(';')[0]!.trim();
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments;
}
