import { Button, CloseButton, Group, Text, Title } from '@mantine/core';
import { IconGitFork, IconLogs } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useMay } from '../../api/use-may.js';
import { CopyButton } from '../../components/copy-button.js';
import { JsonView } from '../../components/json-view.js';
import { StatusBadge } from '../../components/status-badge.js';
import { FailureNote } from './failure-note.js';
import { formatCount, formatMoney } from './money.js';
import { NodeAttempts } from './node-attempts.js';
import { NodeInput } from './node-input.js';
import { NodeSteps } from './node-steps.js';
import { Section } from './section.js';
import { ChildrenLink } from './children-link.js';
import { PayloadLinks } from './payload-links.js';
import styles from './run.module.css';
import type { Run } from './run-types.js';
import type { ShownRun } from './use-run-view.js';
import { shownStatus } from './view/graph-nodes.js';
import type { NodeView } from './view/node-view.js';

const ForkDialog = lazy(() => import('./fork-dialog.js'));

export interface NodePanelProps {
  node: NodeView;
  run: Run;
  shown: ShownRun;
  onClose: () => void;
  /** Its logs are wanted. */
  onLogs: () => void;
}

/** All that is known of one node of a run. */
export function NodePanel({ node, run, shown, onClose, onLogs }: NodePanelProps) {
  const { id, type, visit, output, error, skipped, usage, isKept } = node;
  const [isForking, setForking] = useState(false);
  const mayFork = useMay('POST /api/v1/runs/{id}/fork');
  const key = `${run.id}/${id}/${visit}`;
  return (
    <aside className={styles.panel} aria-label={`Node ${id}`} data-panel={id}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
        <div className={styles.grow}>
          <Title order={2} size="h3" className={styles.panelTitle}>
            {id}
          </Title>
          <Text size="xs" c="dimmed">
            {type}
            {visit > 1 && `, visit ${visit}`}
            {isKept && ', taken over by the fork'}
          </Text>
        </div>
        <CloseButton aria-label="Close the node" onClick={onClose} />
      </Group>
      <Group gap="xs">
        <StatusBadge status={shownStatus(node, shown.view?.hasEnded ?? false)} />
        {mayFork && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconGitFork size={14} aria-hidden />}
            onClick={() => setForking(true)}
          >
            Fork from here
          </Button>
        )}
        <Button size="compact-sm" variant="default" leftSection={<IconLogs size={14} aria-hidden />} onClick={onLogs}>
          Logs
        </Button>
      </Group>
      {error !== null && <FailureNote error={error} />}
      {skipped !== null && <Text size="sm">Skipped: {skipped}</Text>}
      <NodeAttempts node={node} />
      {output !== undefined && (
        <Section title="Output">
          <JsonView value={output} label="Output" maxHeight={260} />
          <PayloadLinks value={output} />
        </Section>
      )}
      <NodeInput runId={run.id} node={node} />
      <NodeSteps node={node} />
      <ChildrenLink run={run} node={node} />
      {usage !== null && (
        <Section title="Cost">
          <Text size="sm" className="figures">
            {formatMoney(usage.costMicros)} for {formatCount(usage.calls)} calls, {formatCount(usage.promptTokens)} tokens in,{' '}
            {formatCount(usage.completionTokens)} out
          </Text>
        </Section>
      )}
      <Section title="Idempotency key">
        <Group gap={4} wrap="nowrap">
          <Text size="xs" className={`mono ${styles.wrap}`}>
            {key}
          </Text>
          <CopyButton value={key} label="Copy the idempotency key" />
        </Group>
      </Section>
      {isForking && (
        <Suspense fallback={null}>
          <ForkDialog run={run} shown={shown} fromNode={id} onClose={() => setForking(false)} />
        </Suspense>
      )}
    </aside>
  );
}
