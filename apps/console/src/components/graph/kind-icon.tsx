import {
  IconArrowsSplit2,
  IconBox,
  IconClockHour4,
  IconCodeDots,
  IconFileText,
  IconGitMerge,
  IconMessage2,
  IconRefresh,
  IconRepeat,
  IconRobot,
  IconSearch,
  IconSitemap,
  IconStack2,
  IconSwitch3,
  IconUserCheck,
  IconUsersGroup,
  IconWorld,
  type Icon,
} from '@tabler/icons-react';

const ICONS: Readonly<Record<string, Icon>> = {
  agent: IconRobot,
  handoff: IconUsersGroup,
  retrieve: IconSearch,
  report: IconFileText,
  transform: IconCodeDots,
  http: IconWorld,
  aggregate: IconGitMerge,
  echo: IconMessage2,
  condition: IconArrowsSplit2,
  switch: IconSwitch3,
  map: IconStack2,
  loop: IconRepeat,
  approval: IconUserCheck,
  wait: IconClockHour4,
  workflow: IconSitemap,
  continue_as_new: IconRefresh,
  pattern: IconUsersGroup,
};

/** The tone in which the types of a category are drawn. */
export const TONES: Readonly<Record<string, string>> = {
  agents: 'violet',
  data: 'blue',
  branches: 'orange',
  waits: 'yellow',
  runs: 'teal',
  custom: 'gray',
};

/** The sign of a node type. */
export function KindIcon({ kind, size = 18 }: { kind: string; size?: number }) {
  const Sign = ICONS[kind] ?? IconBox;
  return <Sign size={size} stroke={1.75} aria-hidden />;
}
