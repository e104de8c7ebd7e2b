import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { JsonView } from '../../components/json-view.js';
import { PayloadLinks } from './payload-links.js';
import styles from './run.module.css';
import { Section } from './section.js';
import type { NodeView } from './view/node-view.js';

/** What the node got: its templates filled. The API knows it once the node has started. */
export function NodeInput({ runId, node }: { runId: string; node: NodeView }) {
  const { id, visit, attempts } = node;
  const hasStarted = attempts.length > 0;
  const { data } = useQuery({
    queryKey: ['run-node', runId, id, visit],
    queryFn: () => api.GET('/api/v1/runs/{id}/timeline', { params: { path: { id: runId }, query: { node: id } } }).then(unwrap),
    enabled: hasStarted,
    staleTime: Infinity,
  });
  if (!hasStarted) return null;
  const input = data?.items[0]?.input;
  if (input === null) return null;
  return (
    <Section title="Input">
      {input === undefined && <Skeleton height={60} />}
      {input?.truncated === true && (
        <>
          <pre className={styles.excerpt}>{String(input.value)}…</pre>
          <Text size="xs" c="dimmed">
            The beginning of {input.bytes} bytes.
          </Text>
        </>
      )}
      {input?.truncated === false && (
        <>
          <JsonView value={input.value} label="Input" maxHeight={220} />
          <PayloadLinks value={input.value} />
        </>
      )}
    </Section>
  );
}
