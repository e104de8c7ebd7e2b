import { PageHeader } from '../../components/page-header.js';

export function WorkflowsPage() {
  return <PageHeader title="Workflows" />;
}
