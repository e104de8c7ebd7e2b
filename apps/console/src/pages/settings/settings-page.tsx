import { SimpleGrid, Stack } from '@mantine/core';
import { PageHeader } from '../../components/page-header.js';
import { AccessPanel } from './access-panel.js';
import { AppearancePanel } from './appearance-panel.js';
import { HealthPanel } from './health-panel.js';
import { LimitsPanel } from './limits-panel.js';
import { LinksPanel } from './links-panel.js';

/** Who this browser is, how the parts of Baton are, and how much may run. */
export function SettingsPage() {
  return (
    <>
      <PageHeader title="Settings" description="Access, health and limits of this Baton, and how the console looks" />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Stack gap="md">
          <AccessPanel />
          <AppearancePanel />
          <LinksPanel />
        </Stack>
        <Stack gap="md">
          <HealthPanel />
          <LimitsPanel />
        </Stack>
      </SimpleGrid>
    </>
  );
}
