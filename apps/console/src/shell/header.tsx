import { Anchor, Burger, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { LiveDot } from './live-dot.js';
import { SchemeToggle } from './scheme-toggle.js';

export function Header({ isMenuOpen, onMenu }: { isMenuOpen: boolean; onMenu: () => void }) {
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
        <LiveDot />
        <SchemeToggle />
      </Group>
    </Group>
  );
}
