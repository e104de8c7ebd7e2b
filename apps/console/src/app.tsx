import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { queryClient } from './api/query-client.js';
import { LiveProvider } from './live/live-provider.js';
import { router } from './routes.js';
import { cssVariables, theme } from './theme.js';

const schemes = localStorageColorSchemeManager({ key: 'baton.scheme' });

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={schemes} cssVariablesResolver={cssVariables}>
      <QueryClientProvider client={queryClient}>
        <LiveProvider>
          <Notifications position="bottom-right" limit={4} />
          <RouterProvider router={router} />
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
