import { PageHeader } from '../../components/page-header.js';

export function TaskPage() {
  return <PageHeader title="Task" />;
}
