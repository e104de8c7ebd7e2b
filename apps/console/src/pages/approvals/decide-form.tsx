import { Button, Group, JsonInput, Stack, Switch, Textarea } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { JsonView } from '../../components/json-view.js';
import { parseJson } from '../../components/parse-json.js';
import type { Approval, Choice } from './approval-words.js';
import { useDecide } from './use-decide.js';

/** Approves, with what was proposed or with something else, or rejects. */
export function DecideForm({ approval, onDone }: { approval: Approval; onDone: () => void }) {
  const { payload, payload_schema: schema } = approval;
  const proposed = JSON.stringify(payload, null, 2);
  const [comment, setComment] = useState('');
  const [isEdited, setEdited] = useState(false);
  const [text, setText] = useState(proposed);
  const decide = useDecide(onDone);
  const edited = isEdited ? parseJson(text) : undefined;
  const isBroken = edited !== undefined && 'problem' in edited;
  const answer = (decision: Choice) => () => {
    const change =
      decision === 'approve' && edited !== undefined && 'value' in edited && text !== proposed ? { payload: edited.value } : {};
    decide.mutate({ approvals: [approval], decision, comment, ...change });
  };
  return (
    <Stack gap="sm">
      {payload !== null && !isEdited && <JsonView value={payload} label="Proposal" />}
      {(payload !== null || schema !== null) && (
        <Switch
          label="Change it before approving"
          checked={isEdited}
          onChange={(event) => setEdited(event.currentTarget.checked)}
        />
      )}
      {isEdited && (
        <JsonInput
          label="What is approved instead"
          autosize
          minRows={6}
          maxRows={20}
          classNames={{ input: 'mono' }}
          value={text}
          onChange={setText}
          error={isBroken ? 'This is no JSON.' : undefined}
        />
      )}
      {isEdited && schema !== null && <JsonView value={schema} label="Schema" maxHeight={240} />}
      <Textarea
        label="Comment"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={5_000}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" leftSection={<IconX size={16} />} disabled={decide.isPending} onClick={answer('reject')}>
          Reject
        </Button>
        <Button leftSection={<IconCheck size={16} />} loading={decide.isPending} disabled={isBroken} onClick={answer('approve')}>
          {isEdited && text !== proposed ? 'Approve as changed' : 'Approve'}
        </Button>
      </Group>
    </Stack>
  );
}
