import { Skeleton, Stack } from '@mantine/core';

/** Stands where rows will. */
export function RowSkeletons({ rows = 6, height = 48 }: { rows?: number; height?: number }) {
  return (
    <Stack gap={8} aria-busy role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </Stack>
  );
}
