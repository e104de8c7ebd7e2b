import type { Counters } from './counters.js';
import type { BenchReport, Spread, SystemSummary, WorkloadSummary } from './summary.js';

/** The report as Markdown, ready for `docs/performance.md`. */
export function renderMarkdown(report: BenchReport): string {
  const { machine } = report;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const facts = [
    `Measured ${report.measuredAt.slice(0, 10)}, ${report.rounds} rounds, the systems in turn in each; median (min..max).`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.kernel}, ${machine.filesystem}; load before: ${machine.loadBefore}.`,
    `${versions.join(', ')}.`,
  ];
  return [facts.join('\n'), ...report.workloads.flatMap((workload) => [figures(workload), costs(workload)])].join('\n\n');
}

function figures(workload: WorkloadSummary): string {
  const rows = workload.systems.map(({ title, figure, ratio, p99Ms }) => [
    title,
    withSpread(figure),
    ratio === undefined ? '' : `${withSpread(ratio)} x`,
    number(p99Ms.median),
  ]);
  return `### ${workload.title}\n\n${table(['system', workload.unit, 'Baton / it, per round', 'p99 of a run, ms'], rows)}`;
}

function costs(workload: WorkloadSummary): string {
  const rows = workload.systems.map((system) => [system.title, ...cost(system)]);
  return table(
    [
      ...[`cost of a ${workload.of}`, 'CPU µs: client', 'worker', 'Redis', 'MariaDB'],
      ...[
        'SQL statements',
        'SQL fsyncs',
        'SQL log bytes',
        'Redis commands',
        'Redis bytes in',
        'loop delay p99 ms: client',
        'worker',
      ],
    ],
    rows,
  );
}

function cost({ cpuUs, servers, writtenBytes, loopDelayP99Ms }: SystemSummary): string[] {
  const show = (counters: Counters, key: string): string => (counters[key] === undefined ? '' : number(counters[key]));
  return [
    ...['client', 'worker', 'redis', 'mariadb'].map((role) => show(cpuUs, role)),
    ...['sql_statements', 'sql_fsyncs', 'sql_log_bytes', 'redis_commands', 'redis_bytes_in'].map((key) => show(servers, key)),
    number(Object.values(writtenBytes).reduce((sum, bytes) => sum + bytes, 0)),
    ...['client', 'worker'].map((role) => show(loopDelayP99Ms, role)),
  ];
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
