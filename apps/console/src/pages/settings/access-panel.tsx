import { Badge, Button, Group, Text } from '@mantine/core';
import { IconKey, IconLogout } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { askForToken } from '../../api/login.js';
import { meQuery } from '../../api/queries.js';
import { keepToken, readToken } from '../../api/token.js';
import { ErrorState } from '../../components/error-state.js';
import { Panel } from '../../components/panel.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { Fact } from './fact.js';

/** Whom the API takes this browser for. */
export function AccessPanel() {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(meQuery);
  const forget = (): void => {
    keepToken(null);
    void queries.resetQueries();
  };
  return (
    <Panel title="Access">
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <RowSkeletons rows={3} height={28} />}
      {data !== undefined && (
        <>
          <Fact name="You are">{data.name}</Fact>
          <Fact name="Role">
            <Badge variant="light" radius="sm" tt="none">
              {data.role}
            </Badge>
          </Fact>
          <Fact name="Tenant">{data.tenant_id}</Fact>
          {data.access === 'open' && (
            <Text size="sm" c="dimmed" mt="xs">
              No token is configured: everybody on this machine may do everything. Set API_TOKEN_ADMIN or RBAC_FILE to share this
              Baton.
            </Text>
          )}
        </>
      )}
      <Group gap="xs" mt="md">
        <Button variant="default" leftSection={<IconKey size={16} />} onClick={askForToken}>
          {readToken() === null ? 'Enter a token' : 'Change the token'}
        </Button>
        {readToken() !== null && (
          <Button variant="subtle" color="red" leftSection={<IconLogout size={16} />} onClick={forget}>
            Forget it
          </Button>
        )}
      </Group>
    </Panel>
  );
}
