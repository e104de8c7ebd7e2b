import { Alert, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { healthQuery } from '../../api/queries.js';
import { ErrorState } from '../../components/error-state.js';
import { Panel } from '../../components/panel.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Fact } from './fact.js';

const NAMES: Readonly<Record<string, string>> = {
  sql: 'Database',
  durability: 'Durability of commits',
  queue: 'Queue',
  redis: 'Redis',
  vectors: 'Vector store',
  workers: 'Workers',
  doorbell: 'Doorbell',
};

/** Each part as it was measured just now. */
export function HealthPanel() {
  const { data, error, refetch } = useQuery(healthQuery);
  return (
    <Panel
      title="Health"
      actions={data === undefined ? <Skeleton width={72} height={24} /> : <StatusBadge status={data.status} />}
    >
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <RowSkeletons rows={6} height={28} />}
      {Object.entries(data?.parts ?? {}).map(([name, { ok, ms, detail }]) => (
        <Fact
          key={name}
          name={
            <>
              {NAMES[name] ?? name}
              {detail !== undefined && (
                <Text size="xs" c="red" component="span" display="block">
                  {detail}
                </Text>
              )}
            </>
          }
        >
          <span className="figures" style={{ marginInlineEnd: 12, color: 'var(--mantine-color-dimmed)' }}>
            {ms} ms
          </span>
          <StatusBadge status={ok ? 'ok' : 'failed'} />
        </Fact>
      ))}
      {data?.warnings.map((warning) => (
        <Alert key={warning} color="yellow" mt="sm">
          {warning}
        </Alert>
      ))}
    </Panel>
  );
}
