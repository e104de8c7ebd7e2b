import type { Report, ReportPart } from '@baton/core';
import { citationMark } from './citation-mark.js';

/** A report as Markdown: every heading of a text stands below the heading of its part. */
export function writeMarkdown(report: Report): string {
  const { title, facts, summary, syntheses, results, sources, error } = report;
  const lines = [`# ${oneLine(title)}`, factsLine(report)];
  if (facts.length > 0) lines.push(facts.map(({ name, value }) => `**${name}** ${value}`).join(' · '));
  if (error !== null) lines.push(`> **Incomplete:** ${oneLine(error)}`);
  if (summary !== null) lines.push('## Summary', demote(summary, 2));
  lines.push(...partsOf('Syntheses', syntheses), ...partsOf('Results', results));
  if (sources.length > 0)
    lines.push(
      '## Sources',
      sources
        .map((source) => `- ${citationMark(source)} ${oneLine(source.title)}${source.url === null ? '' : ` <${source.url}>`}`)
        .join('\n'),
    );
  return `${lines.join('\n\n')}\n`;
}

function factsLine({ createdAt }: Report): string {
  return `*${new Date(createdAt).toISOString().slice(0, 16).replace('T', ' ')} UTC*`;
}

function partsOf(heading: string, parts: readonly ReportPart[]): string[] {
  if (parts.length === 0) return [];
  return [
    `## ${heading}`,
    ...parts.flatMap(({ title, text, notes }) => [
      `### ${oneLine(title)}`,
      ...(notes.length === 0 ? [] : [`*${notes.map(oneLine).join(' · ')}*`]),
      demote(text, 3),
    ]),
  ];
}

/** Headings of a text below the level of its own; what stands in code is left alone. */
function demote(markdown: string, by: number): string {
  let fence: string | null = null;
  const lines = markdown.trim().split('\n');
  return lines
    .map((line) => {
      const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]?.slice(0, 3) ?? null;
      if (mark !== null) fence = fence === null ? mark : fence === mark ? null : fence;
      const hashes = fence === null ? /^ {0,3}(#{1,6})(?=\s)/.exec(line) : null;
      return hashes === null ? line : '#'.repeat(Math.min(6, hashes[1]!.length + by)) + line.slice(hashes[0].length);
    })
    .join('\n');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
