/** The text under one heading, with the headings that lead to it, outermost first. */
export interface MarkdownSection {
  path: string[];
  body: string;
}

/** A longer line is text, whatever it begins with. */
const MAX_HEADING_CHARS = 200;
const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;

/** Follows fenced code: what looks like a heading or a blank line in it is neither. */
class FenceTracker {
  private open: string | null = null;

  /** Whether the line belongs to fenced code, its fences included. */
  isCode(line: string): boolean {
    const [, fence, rest] = FENCE.exec(line) ?? [];
    if (this.open === null) {
      if (fence === undefined) return false;
      this.open = fence;
    } else if (fence?.startsWith(this.open) && rest?.trim() === '') {
      this.open = null;
    }
    return true;
  }
}

/** Splits Markdown at its `#` headings. A heading without any text below it keeps a section of its own. */
export function splitSections(markdown: string): MarkdownSection[] {
  const fences = new FenceTracker();
  const sections: (MarkdownSection & { lines: string[] })[] = [{ path: [], body: '', lines: [] }];
  const headings: { level: number; title: string }[] = [];
  for (const line of markdown.split('\n')) {
    const [, marks, title] = (!fences.isCode(line) && line.length <= MAX_HEADING_CHARS && HEADING.exec(line)) || [];
    if (marks === undefined || title === undefined || title === '') {
      sections.at(-1)!.lines.push(line);
      continue;
    }
    while (headings.length > 0 && headings.at(-1)!.level >= marks.length) headings.pop();
    headings.push({ level: marks.length, title });
    sections.push({ path: headings.map((heading) => heading.title), body: '', lines: [] });
  }
  return sections
    .map(({ path, lines }) => ({ path, body: lines.join('\n').trim() }))
    .filter(
      ({ path, body }, index, all) => body !== '' || (path.length > 0 && path.length >= (all[index + 1]?.path.length ?? 0)),
    );
}

/** Splits text at its blank lines, but never inside of fenced code. */
export function splitBlocks(text: string): string[] {
  const fences = new FenceTracker();
  const blocks: string[][] = [[]];
  for (const line of text.split('\n')) {
    if (!fences.isCode(line) && line.trim() === '') blocks.push([]);
    else blocks.at(-1)!.push(line);
  }
  return blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
}
