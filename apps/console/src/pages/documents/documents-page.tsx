import { PageHeader } from '../../components/page-header.js';

export function DocumentsPage() {
  return <PageHeader title="Documents" />;
}
