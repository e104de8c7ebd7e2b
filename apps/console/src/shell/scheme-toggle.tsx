import { ActionIcon, Tooltip, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';

const SCHEMES: Record<MantineColorScheme, { icon: typeof IconSun; next: MantineColorScheme; label: string }> = {
  light: { icon: IconSun, next: 'dark', label: 'Light' },
  dark: { icon: IconMoon, next: 'auto', label: 'Dark' },
  auto: { icon: IconDeviceDesktop, next: 'light', label: 'As the system' },
};

/** Light, dark, as the system: in turn. */
export function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { icon: Icon, next, label } = SCHEMES[colorScheme];
  return (
    <Tooltip label={`Colours: ${label.toLowerCase()}`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        onClick={() => setColorScheme(next)}
        aria-label={`Colours: ${label.toLowerCase()}. Change to: ${SCHEMES[next].label.toLowerCase()}`}
      >
        <Icon size={18} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}
