import { PageHeader } from '../../components/page-header.js';

export function WorkflowEditorPage() {
  return <PageHeader title="Edit workflow" />;
}
