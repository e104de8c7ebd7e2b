import { ActionIcon, Anchor, Burger, Group, Kbd, Text, UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { LiveDot } from './live-dot.js';
import { SchemeToggle } from './scheme-toggle.js';
import styles from './shell.module.css';

const IS_MAC = navigator.userAgent.includes('Mac');

interface HeaderProps {
  isMenuOpen: boolean;
  onMenu: () => void;
  onPalette: () => void;
}

export function Header({ isMenuOpen, onMenu, onPalette }: HeaderProps) {
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap">
      <Group gap="sm" wrap="nowrap">
        <Burger
          opened={isMenuOpen}
          onClick={onMenu}
          hiddenFrom="sm"
          size="sm"
          aria-label={isMenuOpen ? 'Close the menu' : 'Open the menu'}
          aria-expanded={isMenuOpen}
        />
        <Anchor component={Link} to="/" underline="never" c="inherit" aria-label="Baton, home">
          <Group gap={10} wrap="nowrap">
            <img src="/favicon.svg" width={26} height={26} alt="" />
            <Text fw={700} size="lg" lh={1}>
              Baton
            </Text>
          </Group>
        </Anchor>
      </Group>
      <Group gap="xs" wrap="nowrap">
        <UnstyledButton className={styles.search} onClick={onPalette} visibleFrom="sm">
          <IconSearch size={16} stroke={1.7} aria-hidden />
          Go to …<Kbd size="xs">{IS_MAC ? '⌘' : 'Ctrl'} K</Kbd>
        </UnstyledButton>
        <LiveDot />
        <ActionIcon variant="subtle" color="gray" size="lg" onClick={onPalette} hiddenFrom="sm" aria-label="Search">
          <IconSearch size={18} stroke={1.7} />
        </ActionIcon>
        <SchemeToggle />
      </Group>
    </Group>
  );
}
