import type { AttemptView, NodeView } from './node-view.js';

type SpanKind = 'work' | 'wait' | 'retry' | 'undo';

/** A stretch of time in which a node worked or waited. `to` null: it goes on. */
export interface Span {
  readonly kind: SpanKind;
  readonly from: number;
  readonly to: number | null;
  /** Of the colours of statuses. */
  readonly status: string;
  /** For people. */
  readonly label: string;
}

/** What a node did over time: its attempts, its waits, the pauses before its next tries, and its undoing. */
export function spansOf({ attempts, waits, undoing }: NodeView): Span[] {
  return [
    ...waits.map(({ since, endedAt, reason }): Span => ({
      kind: 'wait',
      from: since,
      to: endedAt,
      status: 'waiting',
      label: reason,
    })),
    ...pausesIn(attempts),
    ...attempts.map((attempt) => workOf(attempt, 'work')),
    ...undoing.map((attempt) => workOf(attempt, 'undo')),
  ];
}

function workOf(attempt: AttemptView, kind: 'work' | 'undo'): Span {
  const { outcome, pool, startedAt, endedAt, error } = attempt;
  const what = kind === 'undo' ? `undoing ${attempt.attempt}` : `attempt ${attempt.attempt}`;
  const where = pool === null ? '' : ` in ${pool}`;
  const how = error === null ? (outcome ?? 'in work') : `${outcome}: ${error.message}`;
  return { kind, from: startedAt, to: endedAt, status: statusOf(attempt, kind), label: `${what}${where}, ${how}` };
}

function statusOf({ outcome, pool }: AttemptView, kind: 'work' | 'undo'): string {
  if (outcome === 'failed') return 'failed';
  if (kind === 'undo') return 'undone';
  if (outcome === null) return pool === null ? 'running' : 'dispatched';
  if (outcome === 'lost' || outcome === 'interrupted') return 'retrying';
  return outcome === 'skipped' ? 'skipped' : 'completed';
}

/** From a failed attempt to the next one, or to when that is due. */
function pausesIn(attempts: readonly AttemptView[]): Span[] {
  return attempts.flatMap(({ endedAt, retryAt }, index): Span[] => {
    if (retryAt === null || endedAt === null) return [];
    const next = attempts[index + 1]?.startedAt;
    return [{ kind: 'retry', from: endedAt, to: next ?? retryAt, status: 'retrying', label: 'pause before the next try' }];
  });
}

/** The nodes that have begun, in the order in which they did, with their spans; then nothing of the others. */
export function rowsOf(nodes: readonly NodeView[]): { node: NodeView; spans: readonly Span[]; from: number }[] {
  return nodes
    .map((node) => ({ node, spans: spansOf(node) }))
    .filter(({ spans }) => spans.length > 0)
    .map((row) => ({ ...row, from: Math.min(...row.spans.map(({ from }) => from)) }))
    .toSorted((left, right) => left.from - right.from);
}
