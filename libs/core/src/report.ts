import type { Artifact, ArtifactStore } from './artifact.js';
import { cutText } from './cut-text.js';
import type { JsonObject, JsonValue } from './json.js';
import { withoutSources } from './source-list.js';

export const REPORT_FORMATS = ['markdown', 'pdf', 'docx'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A part of a report: what one agent found, or what was made of many findings. Its text is Markdown. */
export interface ReportPart {
  readonly title: string;
  readonly text: string;
  /** In one line below the title: how long it took, what it cost, how it ended. */
  readonly notes: readonly string[];
}

/** What texts of a report cite. Passages of one place are one source. */
export interface ReportSource {
  /** As the texts cite it. */
  readonly numbers: readonly number[];
  readonly title: string;
  readonly url: string | null;
}

/** What a report says, whatever it becomes. */
export interface Report {
  readonly title: string;
  /** A few figures of the whole, by name. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** What came out in the end; Markdown. */
  readonly summary: string | null;
  readonly syntheses: readonly ReportPart[];
  readonly results: readonly ReportPart[];
  readonly sources: readonly ReportSource[];
  /** Why it is incomplete, if it is. */
  readonly error: string | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Makes files of reports. */
export abstract class ReportRenderer {
  /**
   * The same report gives the same text in every format.
   * @throws BatonError `payload_too_large` for more text than a report may have.
   */
  abstract render(report: Report, format: ReportFormat): Promise<Uint8Array>;
}

const FILES: Record<ReportFormat, { extension: string; mediaType: string }> = {
  markdown: { extension: 'md', mediaType: 'text/markdown; charset=utf-8' },
  pdf: { extension: 'pdf', mediaType: 'application/pdf' },
  docx: { extension: 'docx', mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' },
};

/** Renders a report and keeps it as artifacts, one for each format. Safe to repeat: what is kept under the key stays as it is. */
export async function keepReport(
  { renderer, artifacts }: { renderer: ReportRenderer; artifacts: Pick<ArtifactStore, 'keep'> },
  report: Report,
  {
    formats,
    ...draft
  }: { tenantId: string; runId: string; nodeId: string | null; key: string; formats: readonly ReportFormat[] },
): Promise<Artifact[]> {
  const kept: Artifact[] = [];
  for (const format of formats) {
    const { extension, mediaType } = FILES[format];
    const content = await renderer.render(report, format);
    kept.push(await artifacts.keep({ ...draft, name: `${fileName(report.title)}.${extension}`, mediaType, content }));
  }
  return kept;
}

function fileName(title: string): string {
  const safe = title
    .normalize('NFC')
    .replace(/[\p{C}/\\:*?"<>|]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return cutText(safe, 120).replace(/^\.+/, '').trim() || 'report';
}

/**
 * Reads a result as a report: a text is its summary; of an object `final_synthesis`, `synthesis_results`, `agent_results`, `citations` and the
 * figures beside them are read, however much of it there is; any other JSON is shown as it is, entry by entry.
 */
export function readReport(result: JsonValue, { title, createdAt }: { title?: string; createdAt: number }): Report {
  const object: JsonObject = isObject(result) ? result : result === null ? {} : { final_synthesis: shown(result) };
  const sources = sourcesOf(object);
  // A report lists them once, at its end.
  const said = (text: string): string => (sources.length === 0 ? text : withoutSources(text));
  const summary = textOf(object, ['final_synthesis', 'synthesis', 'summary', 'answer', 'text', 'content']);
  const partsOf = (keys: readonly string[], name: string): ReportPart[] =>
    listOf(object, keys).map((entry, index) => {
      const part = partOf(entry, `${name} ${index + 1}`);
      return { ...part, text: said(part.text) };
    });
  const own = textOf(object, ['title', 'name']);
  const report = {
    title: title ?? own ?? 'Report',
    facts: factsOf(object),
    summary: summary === null ? null : said(summary),
    syntheses: partsOf(['synthesis_results', 'syntheses'], 'Synthesis'),
    results: partsOf(['agent_results', 'results', 'agents'], 'Agent'),
    sources,
    error: errorOf(object),
    createdAt,
  };
  const says = report.summary ?? report.error ?? report.syntheses[0] ?? report.results[0];
  return says === undefined ? { ...report, results: entriesOf(object) } : report;
}

function partOf(entry: JsonValue, otherwise: string): ReportPart {
  if (!isObject(entry)) return { title: otherwise, text: shown(entry), notes: [] };
  const title =
    textOf(entry, ['title', 'agent_name', 'name', 'agent', 'agent_id', 'synthesis_level', 'level', 'id']) ?? otherwise;
  const text = textOf(entry, ['content', 'synthesis', 'text', 'answer', 'result', 'output', 'findings']);
  const problem = errorOf(entry);
  const role = textOf(entry, ['role', 'agent_type', 'agent_role']);
  const facts = factsOf(entry).filter(({ name, value }) => name !== 'Status' || value !== 'completed');
  const notes = [...(role === null ? [] : [role]), ...facts.map(({ name, value }) => `${name} ${value}`)];
  return { title, text: [text, problem].filter((line) => line !== null).join('\n\n') || '—', notes };
}

function sourcesOf(object: JsonObject): ReportSource[] {
  const cited = listOf(object, ['citations', 'sources', 'passages']).map((entry, index) => {
    const n = isObject(entry) ? numberOf(entry, ['n']) : null;
    return { n: n ?? index + 1, ...placeOf(entry) };
  });
  return [...Map.groupBy(cited, ({ title, url }) => JSON.stringify([title, url])).values()].map((passages) => {
    const { title, url } = passages[0]!;
    return { numbers: passages.map(({ n }) => n), title, url };
  });
}

function placeOf(entry: JsonValue): { title: string; url: string | null } {
  if (!isObject(entry)) return { title: shown(entry), url: null };
  const url = textOf(entry, ['url', 'uri', 'href', 'link']);
  const place = textOf(entry, ['section', 'heading', 'page']);
  const title = textOf(entry, ['title', 'document', 'name', 'source', 'document_id', 'id']) ?? url ?? shown(entry);
  return { title: place === null ? title : `${title}, ${place}`, url };
}

/** What is no report of agents: every entry is a part of its own. */
function entriesOf(object: JsonObject): ReportPart[] {
  return Object.entries(object).map(([title, value]) => ({ title, text: shown(value), notes: [] }));
}

function factsOf(object: JsonObject): { name: string; value: string }[] {
  const usage = isObject(object['usage']) ? object['usage'] : object;
  const seconds = numberOf(object, ['execution_time', 'duration_seconds', 'duration']);
  const ms = numberOf(object, ['duration_ms']);
  const micros = numberOf(usage, ['cost_micros']) || null;
  const cost = numberOf(object, ['total_cost', 'cost']) ?? (micros === null ? null : micros / 1e6);
  const prompt = numberOf(usage, ['prompt_tokens']);
  const completion = numberOf(usage, ['completion_tokens']);
  const tokens =
    prompt === null && completion === null ? numberOf(object, ['tokens', 'total_tokens']) : (prompt ?? 0) + (completion ?? 0);
  const calls = numberOf(usage, ['model_calls']);
  const status = textOf(object, ['status']);
  const elapsed = seconds ?? (ms === null ? null : ms / 1_000);
  return [
    ...(status === null ? [] : [{ name: 'Status', value: status }]),
    ...(elapsed === null ? [] : [{ name: 'Duration', value: duration(elapsed) }]),
    ...(cost === null ? [] : [{ name: 'Cost', value: cost.toFixed(cost >= 1 ? 2 : 4) }]),
    ...(tokens === null ? [] : [{ name: 'Tokens', value: grouped(tokens) }]),
    ...(calls === null ? [] : [{ name: 'Model calls', value: grouped(calls) }]),
  ];
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

function errorOf(object: JsonObject): string | null {
  const { error } = object;
  if (error === undefined || error === null) return null;
  return isObject(error) ? (textOf(error, ['message', 'detail', 'code']) ?? shown(error)) : shown(error);
}

function textOf(object: JsonObject, keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    if (typeof value === 'string' && value.trim() !== '') return value;
    if (typeof value === 'number') return String(value);
    if (isObject(value) && typeof value['text'] === 'string') return value['text'];
    if (isObject(value) && typeof value['answer'] === 'string') return value['answer'];
  }
  return null;
}

function numberOf(object: JsonObject, keys: readonly string[]): number | null {
  const found = keys.map((key) => object[key]).find((value) => typeof value === 'number');
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

function listOf(object: JsonObject, keys: readonly string[]): readonly JsonValue[] {
  for (const key of keys) {
    const value = object[key];
    if (Array.isArray(value) && value.length > 0) return value;
  }
  return [];
}

/** Text as it is, anything else as JSON in a block of code. */
function shown(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
