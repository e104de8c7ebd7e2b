import { PageHeader } from '../../components/page-header.js';

export function AnalyticsPage() {
  return <PageHeader title="Analytics" />;
}
