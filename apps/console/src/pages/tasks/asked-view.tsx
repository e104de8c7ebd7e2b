import { Anchor, Divider, Group, Paper, Title } from '@mantine/core';
import { IconCircleCheck, IconCircleDashed, IconCircleX, IconLoader2 } from '@tabler/icons-react';
import { AppLink } from '../../components/app-link.js';
import { ErrorState } from '../../components/error-state.js';
import { JsonView } from '../../components/json-view.js';
import { ProblemError } from '../../api/problem.js';
import { AnswerView } from './answer-view.js';
import { answerOf, type AskedQuestion, type Stage } from './asked-question.js';
import type { Question } from './use-question.js';
import styles from './answer.module.css';

const STAGE_NAMES: Readonly<Record<string, string>> = {
  retrieve: 'Find passages',
  draft: 'Draft',
  review: 'Review',
  synthesise: 'Finish',
};
const STAGE_ICONS = { pending: IconCircleDashed, running: IconLoader2, completed: IconCircleCheck, failed: IconCircleX };

/** A question with the work on it, and its answer. */
export function AskedView({ question, asked }: { question: Question; asked: AskedQuestion }) {
  const { runId, end, stages } = asked;
  // Once it has ended, what never began was not needed.
  const shown = end === null ? stages : stages.filter(({ status }) => status !== 'pending');
  return (
    <Paper p="lg">
      <Group justify="space-between" align="flex-start" gap="md" mb="md">
        <Title order={2} style={{ overflowWrap: 'anywhere' }}>
          {question.text}
        </Title>
      </Group>
      <Group justify="space-between" gap="xs">
        <ol className={styles.stages} aria-label="Steps">
          {shown.map((stage) => (
            <StageItem key={stage.id} stage={stage} />
          ))}
        </ol>
        <Group gap="md">
          <Anchor component={AppLink} size="sm" href={`/tasks/${question.taskId}`}>
            Open the task
          </Anchor>
          {runId !== null && (
            <Anchor component={AppLink} size="sm" href={`/runs/${runId}`}>
              Open the run
            </Anchor>
          )}
        </Group>
      </Group>
      <Divider my="md" />
      <Response asked={asked} />
    </Paper>
  );
}

function StageItem({ stage: { id, status } }: { stage: Stage }) {
  const Icon = STAGE_ICONS[status];
  return (
    <li className={styles.stage} data-status={status}>
      <Icon size={16} role="img" aria-label={status} />
      {STAGE_NAMES[id] ?? id}
    </li>
  );
}

function Response({ asked: { end, speech } }: { asked: AskedQuestion }) {
  if (end === null) return <div className={styles.speech}>{speech?.text ?? ''}</div>;
  if (end.kind === 'failed') {
    return (
      <ErrorState error={new ProblemError({ status: 0, code: end.code, title: 'There is no answer', detail: end.message })} />
    );
  }
  const answer = answerOf(end.output);
  return answer === null ? <JsonView value={end.output} label="Output" /> : <AnswerView answer={answer} />;
}
