import { Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconHourglass } from '@tabler/icons-react';
import { JsonView } from '../../components/json-view.js';
import { FailureNote } from './failure-note.js';
import { PayloadLinks } from './payload-links.js';
import { RunArtifacts } from './run-artifacts.js';
import { hasEnded, type Run } from './run-types.js';
import { Section } from './section.js';

/** What a run was given, what it came to, and the files that it leaves behind. */
export default function ResultTab({ run }: { run: Run }) {
  const { input, output, error } = run;
  return (
    <Stack gap="lg">
      {error !== null && <FailureNote error={error} />}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Section title="Input">
          <JsonView value={input} label="Input" />
          <PayloadLinks value={input} />
        </Section>
        <Section title="Result">
          {hasEnded(run) ? (
            <>
              <JsonView value={output} label="Result" />
              <PayloadLinks value={output} />
            </>
          ) : (
            <Group gap="xs" c="dimmed">
              <IconHourglass size={16} aria-hidden />
              <Text size="sm">It stands here once the run has ended.</Text>
            </Group>
          )}
        </Section>
      </SimpleGrid>
      <RunArtifacts run={run} />
    </Stack>
  );
}
