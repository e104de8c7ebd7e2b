import { Button, Checkbox, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, unwrap } from '../../api/client.js';
import { ErrorState } from '../../components/error-state.js';
import { JsonEditor } from '../../components/json-editor.js';
import { parseJson } from '../../components/parse-json.js';
import { descendantsOf } from './descendants.js';
import type { Run } from './run-types.js';
import type { ShownRun } from './use-run-view.js';

export interface ForkDialogProps {
  run: Run;
  shown: ShownRun;
  /** The node that is chosen to begin with. */
  fromNode?: string | undefined;
  onClose: () => void;
}

/** Runs a run again from one of its nodes on, with its input or another. */
export default function ForkDialog({ run, shown, fromNode, onClose }: ForkDialogProps) {
  const nodes = useMemo(() => shown.view?.nodes ?? [], [shown.view]);
  const [node, setNode] = useState(fromNode ?? nodes.find(({ status }) => status === 'failed')?.id ?? nodes[0]?.id ?? '');
  const [text, setText] = useState(() => JSON.stringify(run.input, null, 2));
  const [isEdited, setEdited] = useState(false);
  const parsed = useMemo(() => parseJson(text), [text]);
  const isBroken = isEdited && 'problem' in parsed;
  const navigate = useNavigate();
  const fork = useMutation({
    mutationFn: () => {
      const body = { from_node: node, ...(isEdited && 'value' in parsed && { input: parsed.value }) };
      return api.POST('/api/v1/runs/{id}/fork', { params: { path: { id: run.id } }, body }).then(unwrap);
    },
    onSuccess: async ({ run_id: runId }) => {
      onClose();
      await navigate({ to: '/runs/$runId', params: { runId } });
    },
  });
  const anew = useMemo(() => descendantsOf(node, nodes), [node, nodes]);
  return (
    <Modal opened onClose={onClose} title="Fork this run" size="lg">
      <Stack gap="md">
        <Select
          label="From the node"
          description={`It runs anew with ${anew.size - 1} that depend on it; ${nodes.length - anew.size} others are taken over as they stand.`}
          data={nodes.map(({ id }) => id)}
          value={node}
          onChange={(value) => setNode(value ?? node)}
          searchable
          allowDeselect={false}
          limit={200}
        />
        <Checkbox
          label="With another input"
          description="Nodes that are taken over are not run again for it."
          checked={isEdited}
          data-autofocus
          onChange={({ currentTarget }) => setEdited(currentTarget.checked)}
        />
        {isEdited && <JsonEditor label="Input of the fork" value={text} onChange={setText} />}
        {isEdited && 'problem' in parsed && (
          <Text size="sm" c="red" role="alert">
            This is not JSON: {parsed.problem}
          </Text>
        )}
        {fork.isError && <ErrorState error={fork.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Leave it
          </Button>
          <Button onClick={() => fork.mutate()} loading={fork.isPending} disabled={isBroken}>
            Start the fork
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
