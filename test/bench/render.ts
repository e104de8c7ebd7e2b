import type { BenchReport, Spread, SystemSummary, WorkloadSummary } from './summary.js';

/** The report as Markdown, ready for `docs/performance.md`. */
export function renderMarkdown(report: BenchReport): string {
  const { machine } = report;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const facts = [
    `Measured ${report.measuredAt.slice(0, 10)}; rounds: ${report.rounds}, the systems in turn in each; median (min..max).`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.kernel}, ${machine.filesystem}; load before: ${machine.loadBefore}.`,
    `${versions.join(', ')}.`,
  ];
  return [facts.join('\n'), ...report.workloads.flatMap((workload) => [figures(workload), costs(workload)])].join('\n\n');
}

function figures(workload: WorkloadSummary): string {
  const rows = workload.systems.map(({ title, figure, ratio, p50Ms, p99Ms }) => [
    title,
    withSpread(figure),
    ratio === undefined ? '' : `${withSpread(ratio)} x`,
    number(p50Ms.median),
    number(p99Ms.median),
  ]);
  return `### ${workload.title}\n\n${table(['system', workload.unit, 'Baton / it, per round', 'p50, ms', 'p99, ms'], rows)}`;
}

function costs(workload: WorkloadSummary): string {
  const columns = Object.keys(COST_COLUMNS);
  const rows = workload.systems.map((system) => [
    system.title,
    ...columns.map((column) => showCost(COST_COLUMNS[column]!(system))),
  ]);
  const [head, ...kept] = withoutEmptyColumns([[`cost of a ${workload.of}`, ...columns], ...rows]);
  return table(head!, kept);
}

/** What a unit of work costs, as the columns of a table. */
const COST_COLUMNS: Record<string, (system: SystemSummary) => number | undefined> = {
  'CPU µs: client': ({ cpuUs }) => cpuUs.client,
  API: ({ cpuUs }) => cpuUs.api,
  worker: ({ cpuUs }) => cpuUs.worker,
  Redis: ({ cpuUs }) => cpuUs.redis,
  MariaDB: ({ cpuUs }) => cpuUs.mariadb,
  'SQL statements': ({ servers }) => servers.sql_statements,
  'SQL fsyncs': ({ servers }) => servers.sql_fsyncs,
  'SQL log bytes': ({ servers }) => servers.sql_log_bytes,
  'Redis commands': ({ servers }) => servers.redis_commands,
  'Redis bytes in': ({ servers }) => servers.redis_bytes_in,
  'bytes to disk': ({ writtenBytes }) => Object.values(writtenBytes).reduce((sum, bytes) => sum + bytes, 0),
  'loop delay p99 ms: client': ({ loopDelayP99Ms }) => loopDelayP99Ms.client,
  'of the API': ({ loopDelayP99Ms }) => loopDelayP99Ms.api,
  'of the worker': ({ loopDelayP99Ms }) => loopDelayP99Ms.worker,
};

function showCost(value: number | undefined): string {
  return value === undefined ? '' : number(value);
}

/** Of rows under a head, the columns that say something. */
function withoutEmptyColumns(rows: readonly string[][]): string[][] {
  const isKept = (column: number): boolean => rows.slice(1).some((row) => row[column] !== '');
  return rows.map((row) => row.filter((_cell, column) => isKept(column)));
}

function withSpread({ median, min, max }: Spread): string {
  return min === max ? number(median) : `${number(median)} (${number(min)}..${number(max)})`;
}

/** Three significant digits: more would not be true. */
function number(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded >= 1_000 ? rounded.toLocaleString('en') : String(Number(rounded.toFixed(3)));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}
