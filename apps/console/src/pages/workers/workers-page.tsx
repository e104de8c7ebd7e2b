import { PageHeader } from '../../components/page-header.js';

export function WorkersPage() {
  return <PageHeader title="Workers" />;
}
