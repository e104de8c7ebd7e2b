import { PageHeader } from '../../components/page-header.js';

export function ApprovalsPage() {
  return <PageHeader title="Approvals" />;
}
