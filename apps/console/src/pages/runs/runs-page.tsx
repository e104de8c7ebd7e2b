import { PageHeader } from '../../components/page-header.js';

export function RunsPage() {
  return <PageHeader title="Runs" />;
}
