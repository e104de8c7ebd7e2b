import { AppShell } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import { meQuery } from '../api/queries.js';
import { LoginDialog } from './login-dialog.js';
import { Palette } from './palette.js';
import { DemoBar } from './demo-bar.js';
import { Header } from './header.js';
import { Sidebar } from './sidebar.js';
import { ShortcutsHelp } from './shortcuts-help.js';
import { StaleBanner } from './stale-banner.js';
import { useShortcuts } from './use-shortcuts.js';
import styles from './shell.module.css';

/** What stands around each page. On a phone the sidebar is a drawer, which closes when a page is chosen. */
export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const [isPaletteOpen, palette] = useDisclosure(false);
  useShortcuts(palette.open);
  const { pathname } = useLocation();
  // Asked for at once, and kept fresh: what pages offer depends on it.
  useQuery(meQuery);
  useEffect(close, [pathname, close]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'md', sm: 'lg' }}
    >
      <a className={styles.skip} href="#content">
        Skip to the content
      </a>
      <AppShell.Header className={styles.header}>
        <Header isMenuOpen={isOpen} onMenu={toggle} onPalette={palette.open} />
      </AppShell.Header>
      <AppShell.Navbar className={styles.navbar} p="xs" aria-label="Pages">
        <Sidebar />
      </AppShell.Navbar>
      <AppShell.Main className={styles.main} id="content" tabIndex={-1}>
        <div className={styles.content}>
          <StaleBanner />
          <DemoBar />
          <Outlet />
        </div>
      </AppShell.Main>
      <Palette opened={isPaletteOpen} onClose={palette.close} />
      <ShortcutsHelp />
      <LoginDialog />
    </AppShell>
  );
}
