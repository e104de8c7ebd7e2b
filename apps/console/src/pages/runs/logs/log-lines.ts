import type { RunLogsReadResponses } from '../../../api/schema.js';
import { formatDuration } from '../../../components/time.js';

export type LogLine = RunLogsReadResponses[200]['items'][number];
export type LogLevel = LogLine['level'];

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export interface LogFilter {
  /** Lines as serious as this, or more. */
  level: LogLevel;
  node: string | null;
  /** Stands in the message, the node or the fields, in any letter case. */
  text: string;
}

export function filterLines(lines: readonly LogLine[], { level, node, text }: LogFilter): readonly LogLine[] {
  const least = LOG_LEVELS.indexOf(level);
  const wanted = text.trim().toLowerCase();
  return lines.filter(
    (line) =>
      LOG_LEVELS.indexOf(line.level) >= least &&
      (node === null || line.node_id === node) &&
      (wanted === '' || searched(line).includes(wanted)),
  );
}

/** Those that were there and those of the others that are new, in the order of their time: workers write side by side. */
export function mergeLines(known: readonly LogLine[], read: readonly LogLine[]): readonly LogLine[] {
  if (read.length === 0) return known;
  const numbers = new Set(known.map(({ n }) => n));
  const added = read.filter(({ n }) => !numbers.has(n));
  return added.length === 0 ? known : [...known, ...added].toSorted((a, b) => instantOf(a) - instantOf(b) || a.n - b.n);
}

export function instantOf({ at }: LogLine): number {
  return Date.parse(at);
}

/** How long after the beginning of the run. */
export function offsetOf(line: LogLine, startedAt: number): string {
  const ms = instantOf(line) - startedAt;
  return `${ms < 0 ? '−' : '+'}${formatDuration(Math.abs(ms))}`;
}

/** `hits=3 ms=12`: what the fields say, in a line. */
export function fieldsText({ fields }: LogLine): string {
  return textsOf(fields)
    .map(([name, text]) => `${name}=${text}`)
    .join(' ');
}

/** The same of what the message does not say already. */
export function moreText({ message, fields }: LogLine): string {
  const said = ` ${message} `;
  return textsOf(fields)
    .filter(([, text]) => !said.includes(` ${text} `))
    .map(([name, text]) => `${name}=${text}`)
    .join(' ');
}

function textsOf(fields: LogLine['fields']): [name: string, text: string][] {
  return Object.entries(fields ?? {}).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
}

/** Which try of the node it is; empty: the first. */
export function triesText({ visit, attempt }: LogLine): string {
  return [visit > 1 && `visit ${visit}`, attempt > 1 && `try ${attempt}`].filter(Boolean).join(', ');
}

/** As other tools read it: a line of text each. */
export function copiedText(lines: readonly LogLine[]): string {
  return lines
    .map((line) => [line.at, line.level.toUpperCase(), line.node_id, line.message, fieldsText(line)].filter(Boolean).join('  '))
    .join('\n');
}

function searched(line: LogLine): string {
  return `${line.message} ${line.node_id} ${fieldsText(line)}`.toLowerCase();
}
