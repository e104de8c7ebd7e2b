import { Anchor, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { deadLettersQuery } from '../../api/queries.js';
import { AppLink } from '../../components/app-link.js';
import { ErrorState } from '../../components/error-state.js';
import { Panel } from '../../components/panel.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { TimeAgo } from '../../components/time-ago.js';
import { NothingHere } from './nothing-here.js';
import styles from './rows.module.css';

const SHOWN = 5;

/** What failed for good and nobody has looked after. */
export function FailedPanel() {
  const { data, error, refetch } = useInfiniteQuery(deadLettersQuery('open'));
  const letters = data?.pages[0]?.items;
  return (
    <Panel
      title="Failed for good"
      actions={
        <Anchor component={Link} to="/dead-letters" size="sm">
          Dead letters
        </Anchor>
      }
    >
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {letters === undefined && error === null && <RowSkeletons rows={2} />}
      {letters?.length === 0 && <NothingHere icon={IconCircleCheck}>Nothing has failed for good.</NothingHere>}
      {letters?.slice(0, SHOWN).map((letter) => (
        <div key={letter.id} className={styles.row}>
          <div className={styles.what}>
            <AppLink href={`/runs/${encodeURIComponent(letter.id)}`} className={styles.link}>
              {letter.workflow.name}
              {letter.node_id !== null && ` · ${letter.node_id}`}
            </AppLink>
            <Text size="xs" c="dimmed" truncate title={letter.error.message}>
              {letter.error.message}
            </Text>
          </div>
          <Text size="xs" c="dimmed" component="span">
            <TimeAgo at={letter.at} />
          </Text>
        </div>
      ))}
    </Panel>
  );
}
