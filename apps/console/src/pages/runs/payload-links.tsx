import { Group } from '@mantine/core';
import { DownloadButton } from './download-button.js';
import { payloadsIn } from './payload-refs.js';
import { formatBytes } from './bytes.js';

/** Large parts of a value are kept apart from it: here they can be had whole. */
export function PayloadLinks({ value }: { value: unknown }) {
  const payloads = payloadsIn(value);
  if (payloads.length === 0) return null;
  return (
    <Group gap="xs" mt="xs">
      {payloads.map(({ sha256, bytes }) => (
        <DownloadButton
          key={sha256}
          path={`/api/v1/payloads/${sha256}`}
          name={`${sha256.slice(0, 12)}.json`}
          label={`Whole payload, ${formatBytes(bytes)}`}
        />
      ))}
    </Group>
  );
}
