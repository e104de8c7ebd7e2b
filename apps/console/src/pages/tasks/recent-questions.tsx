import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { AppLink } from '../../components/app-link.js';
import { useLiveTopic } from '../../live/use-live-topic.js';
import { QUESTION_MARK } from './use-question.js';
import styles from './answer.module.css';

const LOOKED_AT = 100;
const SHOWN = 6;

/** What was asked here lately, among the newest tasks. */
export function RecentQuestions({ taskId }: { taskId: string | null }) {
  useLiveTopic('tasks');
  const { data } = useQuery({
    queryKey: ['tasks', { limit: LOOKED_AT }],
    queryFn: () => api.GET('/api/v1/tasks', { params: { query: { limit: LOOKED_AT } } }).then(unwrap),
  });
  const questions = (data?.items ?? []).filter(({ description }) => description === QUESTION_MARK).slice(0, SHOWN);
  if (questions.length === 0) return null;
  return (
    <nav aria-label="Recent questions">
      <Text size="xs" fw={650} c="dimmed" tt="uppercase" className={styles.overline} px="sm" mb={4}>
        Recent questions
      </Text>
      {questions.map(({ id, title }) => (
        <AppLink key={id} href={`/ask?task=${id}`} className={styles.recent} aria-current={id === taskId ? 'true' : undefined}>
          {title}
        </AppLink>
      ))}
    </nav>
  );
}
