import { Badge, Group, Loader, Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconPlugConnectedX } from '@tabler/icons-react';
import { formatDuration } from '../../../components/time.js';
import type { Checked, Mark } from './use-validation.js';
import styles from './problem-list.module.css';

const SHOWN = 50;

/** What the check says: that all is well, or everything that is not, each a way to its line. */
export function ProblemList({ checked, onShow }: { checked: Checked; onShow: (mark: Mark) => void }) {
  const { marks, reply, isPending, error } = checked;
  return (
    <section className={styles.list} aria-label="Check">
      <Group gap="xs" className={styles.head} role="status">
        <Summary {...checked} />
        {isPending && <Loader size={12} role="img" aria-label="Being checked" />}
        {error === null && !isPending && marks.every(({ severity }) => severity !== 'error') && reply !== undefined && (
          <Figures reply={reply} />
        )}
      </Group>
      {marks.length > 0 && (
        <ul className={styles.problems}>
          {marks.slice(0, SHOWN).map((mark) => (
            <li key={`${mark.from} ${mark.message}`}>
              <UnstyledButton className={styles.problem} data-severity={mark.severity} onClick={() => onShow(mark)}>
                {mark.severity === 'error' ? (
                  <IconCircleX size={16} aria-label="Error" />
                ) : (
                  <IconAlertTriangle size={16} aria-label="Warning" />
                )}
                <span className={`${styles.line} figures`}>line {mark.line}</span>
                <span>
                  {mark.message.replaceAll('`', '')}
                  {mark.remedy !== null && <span className={styles.remedy}> {mark.remedy.replaceAll('`', '')}</span>}
                </span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Summary({ marks, reply, error }: Checked) {
  const errors = marks.filter(({ severity }) => severity === 'error').length;
  const warnings = marks.length - errors;
  if (error !== null && error !== undefined) {
    return (
      <Group gap={6}>
        <IconPlugConnectedX size={16} aria-hidden />
        <Text size="sm">It cannot be checked now.</Text>
      </Group>
    );
  }
  if (errors > 0 || warnings > 0) {
    return (
      <>
        {errors > 0 && (
          <Badge color="red" variant="light" data-testid="errors">
            {count(errors, 'error')}
          </Badge>
        )}
        {warnings > 0 && (
          <Badge color="orange" variant="light">
            {count(warnings, 'warning')}
          </Badge>
        )}
      </>
    );
  }
  if (reply === undefined) return null;
  return (
    <Group gap={6} className={styles.valid}>
      <IconCircleCheck size={16} aria-hidden />
      <Text size="sm" fw={600}>
        Valid
      </Text>
    </Group>
  );
}

function Figures({ reply }: { reply: NonNullable<Checked['reply']> }) {
  const { graph } = reply.validation_report;
  const resources = reply.estimated_resources;
  if (graph === null) return null;
  const figures = [
    count(graph.nodes, 'node'),
    count(graph.depth, 'level'),
    ...(resources === null ? [] : [`about ${formatDuration(resources.estimated_duration_seconds * 1_000)}`]),
    ...(resources === null || resources.agents.total === 0 ? [] : [count(resources.agents.total, 'agent')]),
  ];
  return (
    <Text size="sm" c="dimmed" className="figures">
      {figures.join(' · ')}
    </Text>
  );
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
