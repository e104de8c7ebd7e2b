import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked';

/** A stretch of text that looks the same throughout. */
export interface Inline {
  readonly text: string;
  readonly bold?: boolean;
  readonly italics?: boolean;
  readonly strike?: boolean;
  readonly code?: boolean;
  readonly link?: string;
}

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly inlines: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly inlines: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly start: number; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: 'rule' };

/** Deeper nesting is shown as the text it is written in. */
const MAX_DEPTH = 8;
/** A longer block is text without marks: what the lexer does with them takes the square of its length. */
const MAX_MARKED_CHARS = 10_000;
const SAFE_LINK = /^(https?:\/\/|mailto:)[^\s]+$/i;

/** Reads Markdown. HTML in it is text like any other, and pictures are their descriptions: a report reaches for nothing outside. */
export function readMarkdown(markdown: string): Block[] {
  return blocksOf(new BoundedLexer().lex(markdown), 0);
}

/** An address as it is, and a link where a report may have one. */
export function linkTo(url: string): Inline {
  return { text: url, ...(SAFE_LINK.test(url) && { link: url }) };
}

/** Reads no deeper than is shown, and no marks in what is too long. */
class BoundedLexer extends Lexer {
  private depth = -1;

  override blockTokens<T extends Token[]>(source: string, tokens = [] as unknown as T, lastParagraphClipped?: boolean): T {
    if (this.depth >= MAX_DEPTH) return tokens;
    this.depth += 1;
    super.blockTokens(source, tokens, lastParagraphClipped);
    this.depth -= 1;
    return tokens;
  }

  override inlineTokens(source: string, tokens: Token[] = []): Token[] {
    if (source.length <= MAX_MARKED_CHARS) return super.inlineTokens(source, tokens);
    tokens.push({ type: 'text', raw: source, text: source, escaped: false });
    return tokens;
  }
}

function blocksOf(tokens: readonly Token[], depth: number): Block[] {
  return (tokens as readonly MarkedToken[]).flatMap((token) => blockOf(token, depth));
}

function blockOf(token: MarkedToken, depth: number): Block[] {
  switch (token.type) {
    case 'heading':
      return [{ kind: 'heading', level: token.depth, inlines: inlinesOf(token.tokens, {}, depth) }];
    case 'paragraph':
      return [{ kind: 'paragraph', inlines: inlinesOf(token.tokens, {}, depth) }];
    case 'text':
      return [{ kind: 'paragraph', inlines: inlinesOf(token.tokens ?? [token], {}, depth) }];
    case 'code':
      return [{ kind: 'code', text: token.text }];
    case 'hr':
      return [{ kind: 'rule' }];
    case 'table':
      return [{ kind: 'table', rows: [token.header, ...token.rows].map((row) => row.map((cell) => cellOf(cell, depth))) }];
    case 'blockquote':
      return depth >= MAX_DEPTH ? raw(token) : [{ kind: 'quote', blocks: blocksOf(token.tokens, depth + 1) }];
    case 'list':
      return depth >= MAX_DEPTH ? raw(token) : [listOf(token, depth)];
    case 'html':
      return raw(token);
    default:
      return [];
  }
}

function listOf(token: Tokens.List, depth: number): Block {
  const items = token.items.map((item) => {
    const blocks = blocksOf(item.tokens, depth + 1);
    return item.task
      ? [{ kind: 'paragraph' as const, inlines: [{ text: item.checked === true ? '[x]' : '[ ]' }] }, ...blocks]
      : blocks;
  });
  return { kind: 'list', ordered: token.ordered, start: token.start === '' ? 1 : token.start, items };
}

function cellOf(cell: Tokens.TableCell, depth: number): Inline[] {
  return inlinesOf(cell.tokens, {}, depth);
}

function raw({ raw: text }: { raw: string }): Block[] {
  return text.trim() === '' ? [] : [{ kind: 'paragraph', inlines: [{ text: text.trim() }] }];
}

function inlinesOf(tokens: readonly Token[], style: Omit<Inline, 'text'>, depth: number): Inline[] {
  if (depth > 4 * MAX_DEPTH) return tokens.map((token) => ({ ...style, text: token.raw }));
  const inner = (inside: readonly Token[], more: Omit<Inline, 'text'>): Inline[] =>
    inlinesOf(inside, { ...style, ...more }, depth + 1);
  return (tokens as readonly MarkedToken[]).flatMap((token): Inline[] => {
    switch (token.type) {
      case 'strong':
        return inner(token.tokens, { bold: true });
      case 'em':
        return inner(token.tokens, { italics: true });
      case 'del':
        return inner(token.tokens, { strike: true });
      case 'codespan':
        return [{ ...style, code: true, text: token.text }];
      case 'link':
        return inner(token.tokens, SAFE_LINK.test(token.href) ? { link: token.href } : {});
      case 'br':
        return [{ ...style, text: '\n' }];
      case 'text':
        return token.tokens === undefined ? [{ ...style, text: unescape(token) }] : inner(token.tokens, {});
      case 'image':
      case 'escape':
        return [{ ...style, text: token.text }];
      default:
        return [{ ...style, text: token.raw }];
    }
  });
}

/** As it was written: the lexer escapes nothing of plain text, whose line breaks are blanks. */
function unescape({ text }: { text: string }): string {
  return text.replace(/\n/g, ' ');
}
