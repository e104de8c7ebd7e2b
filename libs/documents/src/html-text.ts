import type { ExtractedText } from '@baton/core';
import TurndownService from 'turndown';

/** Of an element, what the rules ask. */
interface HtmlElement {
  nodeName: string;
  textContent: string | null;
  childNodes: ArrayLike<HtmlElement>;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): ArrayLike<HtmlElement>;
}

/** What is not text, or text of every page of a site. */
const LEFT_OUT = new Set([
  ...['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE', 'IFRAME', 'OBJECT', 'SVG', 'CANVAS', 'AUDIO', 'VIDEO', 'HEAD', 'LINK', 'META'],
  ...['NAV', 'BUTTON', 'SELECT', 'TEXTAREA', 'INPUT'],
]);
const NAVIGATION_CLASS = /(?:^|\s)(?:nav|navbar|navigation|navheader|navfooter|sidebar|sphinxsidebar|docnav|headerlink)(?:\s|$)/;

/** Markdown from HTML: headings, lists, code and tables stay; navigation, scripts, links' targets and looks go. */
export function readHtml(html: string): ExtractedText {
  let title: string | null = null;
  const service = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  // The text is to be read and searched, not rendered.
  service.escape = (text) => text;
  service.addRule('title', {
    filter: (node) => asElement(node).nodeName === 'TITLE',
    replacement: (_, node) => {
      title ??= collapse(asElement(node).textContent ?? '') || null;
      return '';
    },
  });
  service.addRule('inline', { filter: ['a', 'em', 'i', 'strong', 'b'], replacement: (content) => content });
  service.addRule('image', { filter: 'img', replacement: (_, node) => asElement(node).getAttribute('alt') ?? '' });
  service.addRule('code-block', {
    filter: 'pre',
    replacement: (_, node) => `\n\n\`\`\`\n${(asElement(node).textContent ?? '').replace(/\n$/, '')}\n\`\`\`\n\n`,
  });
  service.addRule('cell', { filter: ['td', 'th'], replacement: cell });
  service.addRule('row', { filter: 'tr', replacement: row });
  service.addRule('table', { filter: 'table', replacement: (content) => `\n\n${content.trim()}\n\n` });
  // The rule that is added last is asked first.
  service.addRule('left-out', { filter: (node) => isLeftOut(asElement(node)), replacement: () => '' });
  const text = service.turndown(html).trim();
  return { text, mediaType: 'text/markdown', title };
}

function isLeftOut(element: HtmlElement): boolean {
  if (LEFT_OUT.has(element.nodeName.toUpperCase())) return true;
  return element.getAttribute('role') === 'navigation' || NAVIGATION_CLASS.test(element.getAttribute('class') ?? '');
}

/** A cell with paragraphs or a table of its own is layout: it stands for itself. */
function cell(content: string, node: unknown): string {
  const inner = asElement(node);
  if (inner.querySelectorAll('table, pre, p + p, ul, ol, h1, h2, h3').length > 0) return `\n\n${content.trim()}\n\n`;
  return `| ${collapse(content).replaceAll('|', '\\|')} `;
}

function row(content: string, node: unknown): string {
  if (!content.startsWith('|')) return content;
  const cells = Array.from(asElement(node).childNodes).filter(({ nodeName }) => nodeName === 'TD' || nodeName === 'TH');
  const isHeader = cells.length > 0 && cells.every(({ nodeName }) => nodeName === 'TH');
  return `${content.trim()} |\n${isHeader ? `${'| --- '.repeat(cells.length)}|\n` : ''}`;
}

function collapse(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** The types of the DOM are not those of this project. */
function asElement(node: unknown): HtmlElement {
  return node as HtmlElement;
}
