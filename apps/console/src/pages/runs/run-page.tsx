import { PageHeader } from '../../components/page-header.js';

export function RunPage() {
  return <PageHeader title="Run" />;
}
