import { PageHeader } from '../../components/page-header.js';

export function AskPage() {
  return <PageHeader title="Ask" />;
}
