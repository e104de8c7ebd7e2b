import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconKey, IconRefresh } from '@tabler/icons-react';
import { askForToken } from '../api/login.js';
import { toProblemError } from '../api/problem.js';

/** What went wrong: which error, what it says, and what to do about it. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const { title, detail, remedy, code, request_id: requestId, problems, status } = toProblemError(error);
  return (
    <Alert color="red" icon={<IconAlertTriangle size={20} />} title={title} my="md" role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{detail}</Text>
        {problems?.slice(0, 10).map((problem) => (
          <Text size="sm" key={`${problem.pointer} ${problem.message}`}>
            <Code>{problem.pointer}</Code> {problem.message}
          </Text>
        ))}
        {remedy !== undefined && status !== 401 && (
          <Text size="sm" fw={600}>
            {remedy}
          </Text>
        )}
        <Text size="xs" c="dimmed" className="mono">
          {code}
          {requestId !== undefined && ` · request ${requestId}`}
        </Text>
        <Group gap="xs">
          {status === 401 && (
            <Button size="xs" leftSection={<IconKey size={14} />} onClick={askForToken}>
              Enter a token
            </Button>
          )}
          {retry !== undefined && (
            <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={retry}>
              Try again
            </Button>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}
