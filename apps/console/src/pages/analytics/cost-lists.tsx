import { Group, Paper, Progress, SimpleGrid, Stack, Text } from '@mantine/core';
import { formatCount, formatMoney } from './figures.js';
import type { Costs } from './questions.js';

interface Part {
  name: string;
  costMicros: number;
  tokens: number;
}

const SHOWN = 8;

/** Who and what the money was spent on, where any was. */
export function CostLists({ costs }: { costs: Costs }) {
  if (costs.by_model.length === 0) return null;
  return (
    <SimpleGrid cols={{ base: 1, md: 3 }} spacing="md">
      <CostList title="Costs by workflow" parts={costs.by_workflow.map((part) => partOf(part.workflow.name, part))} />
      <CostList title="Costs by agent" parts={costs.by_agent.map((part) => partOf(part.agent, part))} />
      <CostList title="Costs by model" parts={costs.by_model.map((part) => partOf(part.model, part))} />
    </SimpleGrid>
  );
}

function partOf(
  name: string,
  { cost_micros: costMicros, prompt_tokens: read, completion_tokens: written }: Costs['total'],
): Part {
  return { name, costMicros, tokens: read + written };
}

/** Models that cost nothing are told apart by their tokens. */
function CostList({ title, parts }: { title: string; parts: readonly Part[] }) {
  const isFree = parts.every(({ costMicros }) => costMicros === 0);
  const weight = ({ costMicros, tokens }: Part): number => (isFree ? tokens : costMicros);
  const most = Math.max(1, ...parts.map(weight));
  return (
    <Paper p="md" component="section" aria-label={title} miw={0}>
      <Text component="h2" size="sm" fw={650} mb="xs">
        {title}
      </Text>
      <Stack gap="sm">
        {parts.slice(0, SHOWN).map((part) => (
          <div key={part.name}>
            <Group justify="space-between" gap="xs" wrap="nowrap" mb={4}>
              <Text size="sm" truncate>
                {part.name}
              </Text>
              <Text size="sm" c="dimmed" className="figures" style={{ whiteSpace: 'nowrap' }}>
                {isFree ? '' : `${formatMoney(part.costMicros)} · `}
                {formatCount(part.tokens)} tokens
              </Text>
            </Group>
            <Progress value={(100 * weight(part)) / most} size="sm" aria-label={`Part of ${part.name}`} />
          </div>
        ))}
      </Stack>
    </Paper>
  );
}
