import { Anchor, Progress, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { IconCoin } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { EmptyState } from '../../components/empty-state.js';
import { StatCard } from '../../components/stat-card.js';
import { formatDuration } from '../../components/time.js';
import { formatCount, formatMoney } from './money.js';
import type { Run } from './run-types.js';
import { Section } from './section.js';
import type { UsageView } from './view/node-view.js';
import type { RunView } from './view/run-fold.js';

export interface CostsTabProps {
  run: Run;
  view: RunView | null;
  onSelect: (id: string) => void;
}

type Amount = NonNullable<Run['budget']>['amounts'][number];

const AMOUNTS: Record<Amount['amount'], { label: string; format: (value: number) => string }> = {
  tokens: { label: 'Tokens', format: formatCount },
  cost_micros: { label: 'Money', format: formatMoney },
  model_calls: { label: 'Calls of models', format: formatCount },
  wall_time: { label: 'Time in work', format: (seconds) => formatDuration(seconds * 1_000) },
};

/** What calls of models have cost, by model and by node, and what of the budget is left. */
export default function CostsTab({ run: { usage, budget }, view, onSelect }: CostsTabProps) {
  const nodes = (view?.nodes ?? [])
    .flatMap(({ id, usage: used }) => (used === null ? [] : [{ id, used }]))
    .toSorted((left, right) => right.used.costMicros - left.used.costMicros || (left.id < right.id ? -1 : 1));
  if (usage.model_calls === 0 && budget === null && nodes.length === 0) {
    return (
      <EmptyState icon={IconCoin} title="This run has called no model">
        Costs stand here as soon as one of its nodes does.
      </EmptyState>
    );
  }
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
        <StatCard label="Cost" value={formatMoney(usage.cost_micros)} />
        <StatCard label="Calls" value={formatCount(usage.model_calls)} />
        <StatCard label="Tokens in" value={formatCount(usage.prompt_tokens)} />
        <StatCard label="Tokens out" value={formatCount(usage.completion_tokens)} />
      </SimpleGrid>
      {budget !== null && budget.amounts.length > 0 && (
        <Section title="Budget">
          {budget.amounts.map((amount) => (
            <BudgetBar key={amount.amount} amount={amount} />
          ))}
        </Section>
      )}
      {view !== null && view.usageByModel.size > 0 && (
        <Section title="By model">
          <UsageTable name="Model" rows={[...view.usageByModel].map(([model, used]) => ({ key: model, name: model, used }))} />
        </Section>
      )}
      {nodes.length > 0 && (
        <Section title="By node">
          <UsageTable
            name="Node"
            rows={nodes.slice(0, 200).map(({ id, used }) => ({
              ...{ key: id, used },
              name: (
                <Anchor component="button" type="button" size="sm" onClick={() => onSelect(id)}>
                  {id}
                </Anchor>
              ),
            }))}
          />
        </Section>
      )}
    </Stack>
  );
}

function BudgetBar({ amount: { amount, used, limit, granted } }: { amount: Amount }) {
  const { label, format } = AMOUNTS[amount];
  const share = limit === 0 ? 100 : Math.min(100, (100 * used) / limit);
  return (
    <div>
      <Text size="sm" mb={4} className="figures">
        {label}: {format(used)} of {format(limit)}
        {granted > 0 && `, ${format(granted)} of it granted later`}
      </Text>
      <Progress value={share} color={share >= 100 ? 'red' : share > 80 ? 'yellow' : 'teal'} aria-label={`${label} used`} />
    </div>
  );
}

function UsageTable({ name, rows }: { name: string; rows: readonly { key: string; name: ReactNode; used: UsageView }[] }) {
  return (
    <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table className="figures">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{name}</Table.Th>
            <Table.Th ta="right">Cost</Table.Th>
            <Table.Th ta="right">Calls</Table.Th>
            <Table.Th ta="right">Tokens in</Table.Th>
            <Table.Th ta="right">Tokens out</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.key}>
              <Table.Td>{row.name}</Table.Td>
              <Table.Td ta="right">{formatMoney(row.used.costMicros)}</Table.Td>
              <Table.Td ta="right">{formatCount(row.used.calls)}</Table.Td>
              <Table.Td ta="right">{formatCount(row.used.promptTokens)}</Table.Td>
              <Table.Td ta="right">{formatCount(row.used.completionTokens)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
