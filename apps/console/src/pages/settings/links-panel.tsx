import { Anchor, Stack } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { Panel } from '../../components/panel.js';

const LINKS = [
  { href: '/docs', label: 'API reference' },
  { href: '/docs-json', label: 'OpenAPI document' },
  { href: '/admin/queues/', label: 'Bull Board' },
  { href: '/metrics', label: 'Metrics for Prometheus' },
];

/** What the server shows besides the console. */
export function LinksPanel() {
  return (
    <Panel title="Elsewhere on this server">
      <Stack gap="xs">
        {LINKS.map(({ href, label }) => (
          <Anchor key={href} href={href} size="sm">
            {label} <IconExternalLink size={14} style={{ verticalAlign: '-2px' }} aria-hidden />
          </Anchor>
        ))}
      </Stack>
    </Panel>
  );
}
