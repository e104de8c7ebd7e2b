import { PageHeader } from '../../components/page-header.js';

export function WorkflowPage() {
  return <PageHeader title="Workflow" />;
}
