import { NodeIcon } from '../../components/graph/node-icon.js';
import { lookOf } from '../../components/status.js';
import { formatDuration } from '../../components/time.js';
import { shownStatus } from './view/graph-nodes.js';
import type { NodeView } from './view/node-view.js';
import type { Span } from './view/spans.js';
import type { TimeWindow } from './view/time-window.js';
import styles from './waterfall.module.css';

export interface WaterfallRowProps {
  node: NodeView;
  spans: readonly Span[];
  seen: TimeWindow;
  hasEnded: boolean;
  /** Where spans that go on are drawn to. */
  end: number;
  isSelected: boolean;
  onSelect: (id: string) => void;
}

/** One node along the time. */
export function WaterfallRow({ node, spans, seen, hasEnded, end, isSelected, onSelect }: WaterfallRowProps) {
  const { id, attempt: tries } = node;
  const status = shownStatus(node, hasEnded);
  return (
    <button
      type="button"
      className={styles.row}
      aria-pressed={isSelected}
      aria-label={`${id}, ${status}${tries > 1 ? `, ${tries} tries` : ''}`}
      onClick={() => onSelect(id)}
    >
      <span className={styles.name} data-tone={lookOf(status).color}>
        <NodeIcon status={status} size={15} />
        <span className={styles.id}>{id}</span>
        {tries > 1 && <span className={styles.tries}>{tries} tries</span>}
      </span>
      <span className={styles.track}>
        {spans.map((span) => (
          <Bar key={`${span.kind} ${span.from} ${span.label}`} span={span} seen={seen} end={end} />
        ))}
      </span>
    </button>
  );
}

function Bar({ span: { kind, from, to, status, label }, seen, end }: { span: Span; seen: TimeWindow; end: number }) {
  const until = Math.max(from, to ?? end);
  if (until < seen.from || from > seen.to) return null;
  const width = seen.to - seen.from;
  return (
    <span
      className={styles.bar}
      data-kind={kind}
      data-tone={lookOf(status).color}
      data-open={to === null || undefined}
      title={`${label}, ${formatDuration(until - from)}`}
      style={{ insetInlineStart: `${(100 * (from - seen.from)) / width}%`, width: `${(100 * (until - from)) / width}%` }}
    />
  );
}
