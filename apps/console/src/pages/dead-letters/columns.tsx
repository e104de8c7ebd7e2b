import { Text } from '@mantine/core';
import type { DeadLetter } from '../../api/types.js';
import { RowButton } from '../../components/row-button.js';
import { TimeAgo } from '../../components/time-ago.js';
import type { Column } from '../../components/virtual-table.js';

/** The columns of the list; the first opens a letter. */
export function columnsFor(open: (id: string) => void): Column<DeadLetter>[] {
  return [
    {
      key: 'what',
      title: 'What failed',
      width: 'minmax(0, 2fr)',
      render: ({ id, workflow, node_id: node }) => (
        <RowButton title={node === null ? workflow.name : `${workflow.name} · ${node}`} detail={id} onClick={() => open(id)} />
      ),
    },
    {
      key: 'error',
      title: 'Error',
      width: 'minmax(0, 3fr)',
      render: ({ error }) => (
        <>
          <Text size="sm" truncate title={error.message}>
            {error.message}
          </Text>
          <Text size="xs" c="dimmed" className="mono">
            {error.code}
          </Text>
        </>
      ),
    },
    { key: 'attempts', title: 'Tries', width: '56px', align: 'right', render: ({ attempts }) => attempts },
    { key: 'at', title: 'Failed', width: '112px', align: 'right', render: ({ at }) => <TimeAgo at={at} /> },
  ];
}
