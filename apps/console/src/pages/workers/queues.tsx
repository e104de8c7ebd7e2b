import { Table, Text } from '@mantine/core';
import type { Capacity } from '../../api/types.js';
import { Panel } from '../../components/panel.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { LoadMeter } from './load-meter.js';

/** The queue of runs and those of the pools: how deep each is, and who serves it. */
export function Queues({ capacity }: { capacity: Capacity | undefined }) {
  return (
    <Panel title="Queues">
      {capacity === undefined ? (
        <RowSkeletons rows={2} />
      ) : (
        <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Queue</Table.Th>
                <Table.Th ta="right">Workers</Table.Th>
                <Table.Th ta="right">Waiting</Table.Th>
                <Table.Th ta="right">In work</Table.Th>
                <Table.Th>Places</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody className="figures">
              {rowsOf(capacity).map(({ name, workers, waiting, active, places }) => (
                <Table.Tr key={name}>
                  <Table.Td>{name}</Table.Td>
                  <Table.Td ta="right">{workers}</Table.Td>
                  <Table.Td ta="right">{waiting ?? '–'}</Table.Td>
                  <Table.Td ta="right">{active ?? '–'}</Table.Td>
                  <Table.Td>{places === null ? null : <LoadMeter label={`Places of ${name}`} {...places} />}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {capacity?.pools.length === 0 && (
        <Text size="xs" c="dimmed" mt="xs">
          No pool has a queue of its own. Route node types to pools with POOL_ROUTES, and serve them with WORKER_POOLS.
        </Text>
      )}
    </Panel>
  );
}

function rowsOf({ workers, backlog, active_runs: active, places, pools }: Capacity) {
  const runs = {
    name: 'Runs',
    workers: workers.filter((worker) => worker.runs !== null).length,
    waiting: backlog.used,
    active: active?.used ?? null,
    places: { used: places.runs.used, limit: places.runs.limit },
  };
  return [runs, ...pools.map(({ pool, ...figures }) => ({ name: `Pool ${pool}`, ...figures, places: null }))];
}
