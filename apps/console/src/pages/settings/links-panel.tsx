import { Anchor, Stack } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { capacityQuery } from '../../api/queries.js';
import { Panel } from '../../components/panel.js';

const LINKS = [
  { href: '/docs', label: 'API reference' },
  { href: '/docs-json', label: 'OpenAPI document' },
  { href: '/metrics', label: 'Metrics for Prometheus' },
];
/** It shows queues in Redis. */
const BULL_BOARD = { href: '/admin/queues/', label: 'Bull Board' };

/** What the server shows besides the console. */
export function LinksPanel() {
  const { data: capacity } = useQuery(capacityQuery);
  const links = capacity?.queue === 'bullmq' ? [...LINKS, BULL_BOARD] : LINKS;
  return (
    <Panel title="Elsewhere on this server">
      <Stack gap="xs">
        {links.map(({ href, label }) => (
          <Anchor key={href} href={href} size="sm">
            {label} <IconExternalLink size={14} style={{ verticalAlign: '-2px' }} aria-hidden />
          </Anchor>
        ))}
      </Stack>
    </Panel>
  );
}
