import { Alert, Button, Code, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { api, unwrap } from '../api/client.js';
import { closeLogin, useLoginAsked } from '../api/login.js';
import { toProblemError } from '../api/problem.js';
import { keepToken } from '../api/token.js';

/** Asks for a token where the API wants one. Only a token that the API knows is kept. */
export function LoginDialog() {
  const queries = useQueryClient();
  const [token, setToken] = useState('');
  const login = useMutation({
    mutationFn: () => api.GET('/api/v1/me', { headers: { authorization: `Bearer ${token.trim()}` } }).then(unwrap),
    onSuccess: async () => {
      keepToken(token.trim());
      setToken('');
      closeLogin();
      await queries.resetQueries();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    login.mutate();
  };
  return (
    <Modal opened={useLoginAsked()} onClose={closeLogin} title="Baton asks for a token">
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm" c="dimmed">
            Whoever runs this Baton gives tokens out (<Code>API_TOKEN_…</Code> or <Code>RBAC_FILE</Code> of its configuration).
            Yours is kept in this browser until you forget it in the settings.
          </Text>
          <PasswordInput
            label="Token"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            autoComplete="current-password"
            data-autofocus
            required
          />
          {login.error !== null && (
            <Alert color="red" role="alert">
              {toProblemError(login.error).status === 401 ? 'Nobody has this token.' : toProblemError(login.error).detail}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button type="submit" loading={login.isPending} disabled={token.trim() === ''}>
              Go on
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
