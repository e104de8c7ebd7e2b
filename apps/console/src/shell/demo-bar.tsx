import { Anchor, Group, Paper, Text } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { AppLink } from '../components/app-link.js';
import { KillWorkerButton } from '../components/kill-worker-button.js';
import { useDemo } from '../components/use-demo.js';

/** On Home and on the run of the local demo: what there is to see, and to kill. */
export function DemoBar() {
  const demo = useDemo();
  const { pathname } = useLocation();
  if (demo === undefined) return null;
  const runPath = demo.run_id === null ? null : `/runs/${demo.run_id}`;
  if (pathname !== '/' && pathname !== runPath) return null;
  return (
    <Paper withBorder px="md" py="xs" mb="md" component="section" aria-label="Demo">
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          {pathname === runPath
            ? 'This run answers a question from the documentation of Baton, and asks you before it ends. '
            : 'A first run moves, one waits, and one has failed. '}
          {runPath !== null && pathname !== runPath && (
            <Anchor component={AppLink} href={runPath} underline="always">
              Watch the first
            </Anchor>
          )}
        </Text>
        <KillWorkerButton />
      </Group>
    </Paper>
  );
}
