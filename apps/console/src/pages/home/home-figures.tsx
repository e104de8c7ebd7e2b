import { SimpleGrid, Skeleton } from '@mantine/core';
import { IconActivity, IconMailX, IconStack2, IconUserCheck, type Icon } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { approvalsQuery, capacityQuery, deadLettersQuery } from '../../api/queries.js';
import { StatCard } from '../../components/stat-card.js';
import { useSummary } from '../analytics/questions.js';
import { countOf } from './count.js';
import { LAST_DAY } from './last-day.js';

/** The four figures of the home page, each a way to what it counts. */
export function HomeFigures() {
  const live = useSummary(LAST_DAY).data?.live;
  const { data: capacity } = useQuery(capacityQuery);
  const { data: approvals } = useQuery(approvalsQuery);
  const mine = approvals?.items.filter(({ may_decide: isMine }) => isMine);
  const others = (approvals?.items.length ?? 0) - (mine?.length ?? 0);
  const { data: letters } = useInfiniteQuery(deadLettersQuery('open'));
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
      <Figure
        label="In work"
        icon={IconActivity}
        href="/runs?status=running"
        value={live === undefined ? undefined : live.running + live.compensating}
      >
        {live === undefined ? '' : parkedText(live)}
      </Figure>
      <Figure label="Queued" icon={IconStack2} href="/workers" value={live?.queued}>
        {capacity === undefined ? '' : `room for ${capacity.backlog.free.toLocaleString('en')}`}
      </Figure>
      <Figure
        label="Wait for you"
        icon={IconUserCheck}
        href="/approvals"
        value={countOf(approvals && mine && { ...approvals, items: mine })}
      >
        {others === 0 ? 'approvals' : `approvals, and ${others} for others`}
      </Figure>
      <Figure label="Failed for good" icon={IconMailX} href="/dead-letters" value={countOf(letters?.pages[0])}>
        dead letters
      </Figure>
    </SimpleGrid>
  );
}

/** Those that hold no worker. */
function parkedText({ waiting, paused }: { waiting: number; paused: number }): string {
  const parts = [`${waiting.toLocaleString('en')} wait for something`];
  if (paused > 0) parts.push(`${paused.toLocaleString('en')} paused`);
  return parts.join(', ');
}

interface FigureProps {
  label: string;
  icon: Icon;
  href: string;
  value: number | string | undefined;
  children: string;
}

function Figure({ label, icon: Icon, href, value, children }: FigureProps) {
  const shown = typeof value === 'number' ? value.toLocaleString('en') : value;
  return (
    <StatCard
      label={label}
      href={href}
      icon={<Icon size={18} stroke={1.6} color="var(--mantine-color-dimmed)" aria-hidden />}
      value={shown ?? <Skeleton width={64} height={28} mt={4} />}
      hint={children === '' ? ' ' : children}
    />
  );
}
