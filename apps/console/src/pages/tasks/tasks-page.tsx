import { PageHeader } from '../../components/page-header.js';

export function TasksPage() {
  return <PageHeader title="Tasks" />;
}
