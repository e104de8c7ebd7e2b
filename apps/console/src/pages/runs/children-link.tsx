import { Anchor, Text } from '@mantine/core';
import { AppLink } from '../../components/app-link.js';
import { Section } from './section.js';
import type { Run } from './run-types.js';
import type { NodeView } from './view/node-view.js';

/** The runs that a node has started and waits for. */
export function ChildrenLink({ run, node: { waits } }: { run: Run; node: NodeView }) {
  if (!waits.some(({ kind }) => kind === 'children')) return null;
  return (
    <Section title="Children">
      <Text size="sm">
        <Anchor component={AppLink} href={`/runs?parent=${run.id}`} size="sm">
          Show the runs that it has started
        </Anchor>
      </Text>
    </Section>
  );
}
