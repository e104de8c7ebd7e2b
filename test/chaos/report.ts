import type { DrillResult } from './drill.js';
import { INVARIANTS } from './invariants.js';
import type { Row } from './rows/index.js';

/** A row over all its seeds. */
export interface RowSummary {
  row: string;
  title: string;
  seeds: readonly string[];
  firings: number;
  /** What the table of faults wants over all seeds. */
  wantedFirings: number;
  runs: number;
  operations: { ok: number; failed: number; unknown: number };
  slowestCallMs: number;
  recoveryMs: { median: number; worst: number };
  falseTakeovers: number;
  settledMs: { worst: number; bound: number };
  /** Violations by invariant; null: the row does not check it. */
  violations: Record<string, number | null>;
  vacuous: readonly string[];
  passed: boolean;
}

export function summarize(row: Row, results: readonly DrillResult[]): RowSummary {
  const sum = (value: (result: DrillResult) => number): number => results.reduce((total, result) => total + value(result), 0);
  const recoveries = results.flatMap(({ recoveryMs }) => recoveryMs).toSorted((left, right) => left - right);
  const all = results.flatMap(({ violations }) => violations);
  const vacuous = results.flatMap((result) => result.vacuous.map((why) => `${result.seed}: ${why}`));
  const counts = INVARIANTS.map((name) => [
    name,
    row.invariants.includes(name) ? all.filter(({ invariant }) => invariant === name).length : null,
  ]);
  return {
    ...{ row: row.id, title: row.title, seeds: results.map(({ seed }) => seed) },
    ...{ firings: sum(({ fired }) => fired), wantedFirings: row.firings, runs: sum(({ runs }) => runs) },
    operations: {
      ok: sum(({ operations }) => operations.ok),
      failed: sum(({ operations }) => operations.failed),
      unknown: sum(({ operations }) => operations.unknown),
    },
    slowestCallMs: Math.max(...results.map(({ slowestCallMs }) => slowestCallMs)),
    recoveryMs: { median: recoveries[Math.floor(recoveries.length / 2)] ?? 0, worst: recoveries.at(-1) ?? 0 },
    falseTakeovers: sum(({ falseTakeovers }) => falseTakeovers),
    settledMs: { worst: Math.max(...results.map(({ settledMs }) => settledMs)), bound: row.settleMs },
    violations: Object.fromEntries(counts) as RowSummary['violations'],
    vacuous,
    passed: all.length === 0 && vacuous.length === 0,
  };
}

/** One line a row, for people and for docs/reliability.md. */
export function renderMarkdown(summaries: readonly RowSummary[]): string {
  const header = [
    '| row | fault | seeds | firings | runs | operations ok / failed / unknown | recovery median, worst | all ended after (bound) | violations |',
    '|---|---|---|---|---|---|---|---|---|',
  ];
  const lines = summaries.map(({ row, title, seeds, firings, runs, operations, recoveryMs, settledMs, violations, passed }) => {
    const { ok, failed, unknown } = operations;
    const checked = Object.entries(violations).filter(([, count]) => count !== null);
    const found = checked.map(([name, count]) => `${name} ${count}`).join(', ');
    const cells = [
      ...[row, title, seeds.length, firings, runs, `${ok} / ${failed} / ${unknown}`],
      ...[
        `${seconds(recoveryMs.median)}, ${seconds(recoveryMs.worst)}`,
        `${seconds(settledMs.worst)} (${settledMs.bound / 1_000} s)`,
      ],
      passed ? found : `**${found}**`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [...header, ...lines].join('\n');
}

/** What is missing before the table is whole and passed. */
export function shortcomings(rows: readonly Row[], summaries: readonly RowSummary[], seeds: readonly string[]): string[] {
  return rows.flatMap(({ id }) => {
    const summary = summaries.find(({ row }) => row === id);
    if (summary === undefined) return [`row ${id} has not been played`];
    const missing = seeds.filter((seed) => !summary.seeds.includes(seed));
    return [
      ...missing.map((seed) => `row ${id} has not been played under seed ${seed}`),
      ...(summary.firings < summary.wantedFirings ? [`row ${id}: ${summary.firings} firings of ${summary.wantedFirings}`] : []),
      ...(summary.passed ? [] : [`row ${id} has failed`]),
    ];
  });
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : 'never';
}
