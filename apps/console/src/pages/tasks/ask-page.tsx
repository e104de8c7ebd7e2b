import { Button, Group, Kbd, Paper, Stack, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconArrowUp, IconBooks, IconMessageCircleQuestion } from '@tabler/icons-react';
import { useCallback, useState, type KeyboardEvent } from 'react';
import { api, unwrap } from '../../api/client.js';
import { useMay } from '../../api/use-may.js';
import { AppLink } from '../../components/app-link.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { useAddress } from '../../components/use-address.js';
import { AskedView } from './asked-view.js';
import { RecentQuestions } from './recent-questions.js';
import { useQuestion } from './use-question.js';

/** Asks the documents. The answer has an address of its own, by its task. */
export function AskPage() {
  const [address, change] = useAddress();
  const onAsked = useCallback((task: string) => change({ task }), [change]);
  const { question, asked, error, ask } = useQuestion(address.get('task'), onAsked);
  const isBusy = asked !== null && asked.end === null;
  const mayCreate = useMay('POST /api/v1/tasks');
  const mayRun = useMay('POST /api/v1/tasks/{id}/runs');
  const mayAsk = mayCreate && mayRun;
  return (
    <Stack gap="md" maw={880} mx="auto">
      <PageHeader title="Ask" description="Answers from your documents, with the passages that they rest on." />
      {mayAsk && <QuestionForm onAsk={ask} isBusy={isBusy} />}
      <div id="agent-response" aria-live="polite" aria-busy={isBusy}>
        {error !== null && <ErrorState error={error} />}
        {question !== null && asked !== null && <AskedView question={question} asked={asked} />}
        {asked === null && error === null && (mayAsk === false ? <ReadersOnly /> : <Invitation />)}
      </div>
      <RecentQuestions taskId={question?.taskId ?? null} />
    </Stack>
  );
}

function QuestionForm({ onAsk, isBusy }: { onAsk: (text: string) => void; isBusy: boolean }) {
  const [text, setText] = useState('');
  const submit = (): void => {
    if (text.trim() !== '' && !isBusy) onAsk(text.trim());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };
  return (
    <Paper
      component="form"
      p="sm"
      shadow="xs"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Textarea
        id="agent-query"
        aria-label="Your question"
        placeholder="What do you want to know?"
        variant="unstyled"
        size="md"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={4_000}
        autoFocus
        px="xs"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Group justify="space-between" px="xs" gap="xs">
        <Text size="xs" c="dimmed" visibleFrom="xs">
          <Kbd size="xs">Enter</Kbd> asks, <Kbd size="xs">Shift</Kbd> + <Kbd size="xs">Enter</Kbd> begins a line
        </Text>
        <Button
          id="agent-submit"
          type="submit"
          ms="auto"
          loading={isBusy}
          disabled={text.trim() === '' && !isBusy}
          leftSection={<IconArrowUp size={16} />}
        >
          Ask
        </Button>
      </Group>
    </Paper>
  );
}

/** What can be asked, or what must be there first. */
function Invitation() {
  const mayAdd = useMay('POST /api/v1/ingest');
  const { data } = useQuery({
    queryKey: ['documents', { limit: 1 }],
    queryFn: () => api.GET('/api/documents', { params: { query: { limit: 1 } } }).then(unwrap),
  });
  if (data?.items.length === 0) {
    return (
      <EmptyState
        icon={IconBooks}
        title="There is nothing to answer from yet"
        action={
          mayAdd && (
            <Button component={AppLink} href="/documents" variant="light">
              Add documents
            </Button>
          )
        }
      >
        Answers come from your documents and cite them. Add a few, and ask about them here.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconMessageCircleQuestion} title="Ask anything that your documents know">
      Passages are found, an answer is drafted, reviewed and finished: you see each step, and where every sentence comes from.
    </EmptyState>
  );
}

/** For who may not ask: what others have asked can be read. */
function ReadersOnly() {
  return (
    <EmptyState icon={IconMessageCircleQuestion} title="You can read what others ask">
      Your role does not ask questions of its own. Those that were asked lately are listed here, with their answers.
    </EmptyState>
  );
}
