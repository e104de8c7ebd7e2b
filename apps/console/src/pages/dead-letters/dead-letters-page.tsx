import { PageHeader } from '../../components/page-header.js';

export function DeadLettersPage() {
  return <PageHeader title="Dead letters" />;
}
