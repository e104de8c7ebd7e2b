import { PageHeader } from '../../components/page-header.js';

export function SearchPage() {
  return <PageHeader title="Search" />;
}
