import { Button, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState, type FormEvent } from 'react';
import { ErrorState } from '../../../components/error-state.js';
import { inputSchema } from '../document/input-schema.js';
import { isObject, type Json } from '../document/json.js';
import { JsonField } from '../form/json-field.js';
import { SchemaFields } from '../form/schema-field.js';
import { fieldsOf } from '../form/schema-shape.js';
import { startRun, type Workflow } from '../workflow-queries.js';

/** Starts a run of a version, with the input that it declares, or that its expressions ask for, or any other, and goes to it. */
export function RunForm({ workflow, isOpen, onClose }: { workflow: Workflow; isOpen: boolean; onClose: () => void }) {
  const { name, version, definition } = workflow;
  const navigate = useNavigate();
  const fields = useMemo(() => fieldsOf(inputSchema(definition)), [definition]);
  const declares = isObject(definition) && definition['input_schema'] !== undefined;
  const [how, setHow] = useState<'form' | 'json'>('form');
  const [input, setInput] = useState<Json>({});
  const key = useRef(crypto.randomUUID());
  const { mutate, error, isPending, reset } = useMutation({
    mutationFn: () => startRun(name, version, input, key.current),
    onSuccess: (runId) => navigate({ to: '/runs/$runId', params: { runId } }),
  });
  const isObjectInput = input !== null && typeof input === 'object' && !Array.isArray(input);
  const change = (value: Json): void => {
    // Another input is another run.
    key.current = crypto.randomUUID();
    setInput(value);
    reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    mutate();
  };
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Run ${name}, version ${version}`} size="lg">
      <form onSubmit={submit}>
        <Stack gap="md">
          {fields.length > 0 && (
            <SegmentedControl
              size="xs"
              aria-label="Input as"
              value={how}
              onChange={(value) => setHow(value)}
              data={[
                { value: 'form', label: 'Form' },
                { value: 'json', label: 'JSON' },
              ]}
            />
          )}
          {how === 'form' && fields.length > 0 && isObjectInput ? (
            <>
              <Text size="sm" c="dimmed">
                {declares ? 'What this version takes as its input.' : 'What the expressions of this version read from its input.'}
              </Text>
              <SchemaFields fields={fields} value={input} onChange={change} />
            </>
          ) : (
            <JsonField
              label="Input"
              description={fields.length === 0 && !declares ? 'No expression of this version reads its input.' : undefined}
              minRows={4}
              value={input}
              onChange={(value) => change(value ?? {})}
            />
          )}
          {error !== null && <ErrorState error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={isPending}
              leftSection={<IconPlayerPlay size={16} aria-hidden />}
              data-autofocus={fields.length === 0 || undefined}
            >
              Start the run
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
