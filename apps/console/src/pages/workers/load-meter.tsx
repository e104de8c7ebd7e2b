import { Group, Progress, Text } from '@mantine/core';

const BUSY = 0.9;

/** How much of a limit is in use; without a limit, how much is. */
export function LoadMeter({ label, used, limit }: { label: string; used: number; limit: number | null }) {
  if (limit === null) {
    return (
      <Text size="sm" c="dimmed" component="span">
        –
      </Text>
    );
  }
  const share = limit === 0 ? 0 : used / limit;
  return (
    <Group gap={8} wrap="nowrap">
      <Progress
        value={share * 100}
        w={64}
        size="sm"
        color={share >= BUSY ? 'orange' : undefined}
        aria-label={`${label}: ${used} of ${limit}`}
      />
      <Text size="xs" className="figures" component="span">
        {used}/{limit}
      </Text>
    </Group>
  );
}
