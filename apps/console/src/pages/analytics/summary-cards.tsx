import { SimpleGrid, Skeleton } from '@mantine/core';
import { Duration } from '../../components/duration.js';
import { StatCard } from '../../components/stat-card.js';
import { formatCount, formatMoney, formatPerHour, formatRate } from './figures.js';
import type { Summary } from './questions.js';

const CARDS = 5;
const CARD_PX = 118;

/** The figures of the whole period. */
export function SummaryCards({ summary }: { summary: Summary | undefined }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: CARDS }} spacing="md" mb="md">
      {summary === undefined
        ? Array.from({ length: CARDS }, (_, index) => <Skeleton key={index} height={CARD_PX} radius="lg" />)
        : cardsOf(summary)}
    </SimpleGrid>
  );
}

function cardsOf({ runs, success_rate: rate, duration_ms: duration, runs_per_hour: perHour, usage, live, points }: Summary) {
  const tokens = usage.prompt_tokens + usage.completion_tokens;
  const liveRuns = Object.values(live).reduce((sum, count) => sum + count, 0);
  return (
    <>
      <StatCard
        label="Runs ended"
        value={formatCount(runs.ended)}
        hint={`${formatCount(runs.failed)} failed, ${formatCount(runs.cancelled)} cancelled`}
        trend={points.map((point) => point.runs.ended)}
      />
      <StatCard label="Success rate" value={formatRate(rate)} hint="of runs that completed or failed" />
      <StatCard
        label="Typical duration"
        value={<Duration ms={duration?.p50 ?? null} />}
        hint={
          <>
            95 % within <Duration ms={duration?.p95 ?? null} />
          </>
        }
      />
      <StatCard label="Runs per hour" value={formatPerHour(perHour)} hint={`${formatCount(liveRuns)} live now`} />
      <StatCard
        label="Model costs"
        value={formatMoney(usage.cost_micros)}
        hint={`${formatCount(tokens)} tokens in ${formatCount(usage.model_calls)} calls`}
        trend={points.map((point) => point.usage.cost_micros)}
      />
    </>
  );
}
