import { Button, Group, JsonInput, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSend } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../../api/client.js';
import { useMay } from '../../api/use-may.js';
import { ErrorState } from '../../components/error-state.js';
import { parseJson } from '../../components/parse-json.js';

/** Sends the event that a run waits for, where the system that should is not there, or was not heard. */
export function SendEvent({ runId, name }: { runId: string; name: string }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const [text, setText] = useState('{}');
  const queries = useQueryClient();
  const maySend = useMay('POST /api/v1/runs/{id}/events');
  const parsed = parseJson(text);
  const send = useMutation({
    mutationFn: (value: unknown) =>
      api.POST('/api/v1/runs/{id}/events', { params: { path: { id: runId } }, body: { name, payload: value } }).then(unwrap),
    onSuccess: close,
    onSettled: () => queries.invalidateQueries({ queryKey: ['run', runId] }),
  });
  return (
    <>
      {maySend && (
        <Button size="xs" variant="default" leftSection={<IconSend size={14} aria-hidden />} onClick={open}>
          Send the event
        </Button>
      )}
      <Modal opened={isOpen} onClose={close} title={`Send ${name}`}>
        <Stack gap="md">
          <Text size="sm">The run goes on as if the event had come from outside.</Text>
          <JsonInput
            label="Payload"
            description="The nodes after the wait see it."
            autosize
            minRows={3}
            maxRows={12}
            classNames={{ input: 'mono' }}
            value={text}
            onChange={setText}
            error={'problem' in parsed ? 'This is no JSON.' : undefined}
          />
          {send.isError && <ErrorState error={send.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Leave it
            </Button>
            <Button
              disabled={'problem' in parsed}
              loading={send.isPending}
              onClick={() => 'value' in parsed && send.mutate(parsed.value)}
            >
              Send
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
