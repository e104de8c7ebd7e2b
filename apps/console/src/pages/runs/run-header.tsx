import { Anchor, Group, Text } from '@mantine/core';
import { AppLink } from '../../components/app-link.js';
import { CopyButton } from '../../components/copy-button.js';
import { PageHeader } from '../../components/page-header.js';
import { StatusBadge } from '../../components/status-badge.js';
import { RunActions } from './run-actions.js';
import { shortId, type Run } from './run-types.js';
import { statusOf } from './status-of.js';
import type { ShownRun } from './use-run-view.js';

export function RunHeader({ run, shown }: { run: Run; shown: ShownRun }) {
  const { id, workflow, revision } = run;
  const version = revision === 0 ? `v${workflow.version}` : `v${workflow.version}, patched ${revision}×`;
  return (
    <PageHeader
      title={workflow.name}
      description={
        <Group gap="xs">
          <StatusBadge status={statusOf(run, shown)} />
          <Group gap={2} wrap="nowrap">
            <Text span size="sm" className="mono" title={id}>
              {shortId(id)}
            </Text>
            <CopyButton value={id} label="Copy the id of the run" />
          </Group>
          <Anchor component={AppLink} href={`/workflows/${workflow.id}`} size="sm" c="dimmed">
            {version}
          </Anchor>
        </Group>
      }
      actions={<RunActions run={run} shown={shown} />}
    />
  );
}
