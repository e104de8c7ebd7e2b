import { Group, Progress, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { capacityQuery } from '../../api/queries.js';
import type { Capacity } from '../../api/types.js';
import { ErrorState } from '../../components/error-state.js';
import { Panel } from '../../components/panel.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { Fact } from './fact.js';

const BUSY = 0.9;

/** How much may run, how much of it does, and how long it is kept. */
export function LimitsPanel() {
  const { data, error, refetch } = useQuery(capacityQuery);
  return (
    <Panel title="Limits">
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <RowSkeletons rows={4} height={36} />}
      {data !== undefined && (
        <Stack gap="sm">
          {limitsOf(data).map((limit) => (
            <Limit key={limit.name} {...limit} />
          ))}
          <Fact name="Runs that have ended are kept">{kept(data.retention_days)}</Fact>
        </Stack>
      )}
    </Panel>
  );
}

interface LimitProps {
  name: string;
  used: number;
  limit: number;
  waiting?: number;
}

function Limit({ name, used, limit, waiting = 0 }: LimitProps) {
  const share = limit === 0 ? 0 : used / limit;
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm" c="dimmed">
          {name}
        </Text>
        <Text size="sm" className="figures">
          {used.toLocaleString('en')} of {limit.toLocaleString('en')}
          {waiting > 0 && `, ${waiting} wait`}
        </Text>
      </Group>
      <Progress
        value={share * 100}
        size="sm"
        color={share >= BUSY ? 'orange' : undefined}
        aria-label={`${name}: ${used} of ${limit}`}
      />
    </div>
  );
}

function limitsOf({ active_runs: active, backlog, places, tenant, workflows }: Capacity): LimitProps[] {
  return [
    ...(active === null ? [] : [{ name: 'Runs in work', ...active }]),
    { name: 'Queued runs', ...backlog },
    { name: 'Places of workers for runs', ...places.runs },
    { name: 'Places of workers for steps', ...places.nodes },
    ...(tenant === null ? [] : [{ name: 'Live runs of this tenant', ...tenant }]),
    ...workflows.map(({ workflow, ...used }) => ({ name: `Live runs of ${workflow}`, ...used })),
  ];
}

function kept(days: number | null): string {
  if (days === null) return 'for ever';
  return days === 1 ? 'for a day' : `for ${days.toLocaleString('en')} days`;
}
