import { Drawer } from '@mantine/core';
import { PageHeader } from '../../components/page-header.js';
import { useAddress } from '../../components/use-address.js';
import { useLiveTopic } from '../../live/use-live-topic.js';
import { ApprovalDetail } from './approval-detail.js';
import { ApprovalFilterBar, readFilters } from './approval-filters.js';
import { History } from './history.js';
import { Inbox } from './inbox.js';

/** What waits for people, and what has waited. */
export function ApprovalsPage() {
  useLiveTopic('approvals');
  const [address, change] = useAddress();
  const filters = readFilters(address);
  const opened = address.get('approval');
  const open = (id: string): void => change({ approval: id });
  const close = (): void => change({ approval: null });
  return (
    <>
      <PageHeader title="Approvals" description="What waits for people. A run that waits here costs nothing." />
      <ApprovalFilterBar filters={filters} onChange={change} />
      {filters.status === 'open' ? (
        <Inbox filters={filters} onOpen={open} />
      ) : (
        <History key={filters.status} filters={filters} onOpen={open} />
      )}
      <Drawer opened={opened !== null} onClose={close} position="right" size="lg" title="Approval">
        {opened !== null && <ApprovalDetail id={opened} onDone={close} />}
      </Drawer>
    </>
  );
}
