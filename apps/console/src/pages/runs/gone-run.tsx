import { Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { AppLink } from '../../components/app-link.js';
import { EmptyState } from '../../components/empty-state.js';
import { PageHeader } from '../../components/page-header.js';
import type { Run } from './run-types.js';

/** Where a run stood that is there no more. */
export function GoneRun({ run: { id, workflow } }: { run: Run }) {
  return (
    <>
      <PageHeader title={workflow.name} description={<span className="mono">{id}</span>} />
      <div role="alert">
        <EmptyState
          icon={IconTrash}
          title="This run was deleted"
          action={
            <Button component={AppLink} href="/runs" variant="default">
              See all runs
            </Button>
          }
        >
          Somebody has deleted it while it was shown here, or it has been kept for as long as runs are.
        </EmptyState>
      </div>
    </>
  );
}
