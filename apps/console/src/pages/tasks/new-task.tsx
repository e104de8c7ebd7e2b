import { Button, Checkbox, Group, JsonInput, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { api, unwrap } from '../../api/client.js';
import type { TasksCreateData } from '../../api/schema.js';
import { useMay } from '../../api/use-may.js';
import { ErrorState } from '../../components/error-state.js';
import { parseJson } from '../../components/parse-json.js';

interface Draft {
  title: string;
  description: string;
  input: string;
  runs: boolean;
}

/** Keeps a task, and runs it where that is wanted. */
export function NewTask({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const router = useRouter();
  const queries = useQueryClient();
  const mayRun = useMay('POST /api/v1/tasks/{id}/runs');
  const form = useForm<Draft>({
    initialValues: { title: '', description: '', input: '', runs: true },
    validate: {
      title: (title) => (title.trim() === '' ? 'Say what is to be done.' : null),
      input: (input) => (isJsonOrEmpty(input) ? null : 'This is no JSON.'),
    },
  });
  const create = useMutation({
    mutationFn: (draft: Draft) => keepTask({ ...draft, runs: mayRun === true && draft.runs }),
    onSuccess: (id) => {
      void queries.invalidateQueries({ queryKey: ['tasks'] });
      close();
      router.history.push(`/tasks/${id}`);
    },
  });
  const close = (): void => {
    form.reset();
    create.reset();
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title="New task">
      <form onSubmit={form.onSubmit((draft) => create.mutate(draft))}>
        <Stack gap="sm">
          <TextInput
            label="Title"
            description="The question, or what is to be done."
            required
            data-autofocus
            maxLength={500}
            {...form.getInputProps('title')}
          />
          <Textarea
            label="Description"
            autosize
            minRows={2}
            maxRows={6}
            maxLength={20_000}
            {...form.getInputProps('description')}
          />
          <JsonInput
            label="Input"
            description="What its runs are given, as JSON. Without it they are asked the title."
            placeholder='{ "question": "…", "top_k": 5 }'
            autosize
            minRows={3}
            maxRows={10}
            formatOnBlur
            classNames={{ input: 'mono' }}
            {...form.getInputProps('input')}
          />
          {mayRun && <Checkbox label="Run it at once" {...form.getInputProps('runs', { type: 'checkbox' })} />}
          {create.error !== null && <ErrorState error={create.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

async function keepTask({ title, description, input, runs }: Draft): Promise<string> {
  const body: TasksCreateData['body'] = {
    title: title.trim(),
    ...(description.trim() !== '' && { description: description.trim() }),
    ...(input.trim() !== '' && { input: JSON.parse(input) as unknown }),
  };
  const { id } = await api.POST('/api/v1/tasks', { body }).then(unwrap);
  if (runs) await api.POST('/api/v1/tasks/{id}/runs', { params: { path: { id } }, body: {} }).then(unwrap);
  return id;
}

function isJsonOrEmpty(text: string): boolean {
  return text.trim() === '' || 'value' in parseJson(text);
}
