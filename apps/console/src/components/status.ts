import {
  IconArrowBackUp,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleMinus,
  IconCircleX,
  IconClockPause,
  IconHourglass,
  IconLoader2,
  IconPlayerPause,
  IconPlayerSkipForward,
  IconSend,
  type Icon,
} from '@tabler/icons-react';

export interface StatusLook {
  /** A colour of the theme. */
  color: string;
  icon: Icon;
  /** It moves. */
  spins?: boolean;
}

const QUEUED = { color: 'gray', icon: IconCircleDashed };
const RUNNING = { color: 'blue', icon: IconLoader2, spins: true };
const WAITING = { color: 'yellow', icon: IconHourglass };
const DONE = { color: 'teal', icon: IconCircleCheck };
const FAILED = { color: 'red', icon: IconCircleX };
const CANCELLED = { color: 'gray', icon: IconCircleMinus };

const LOOKS: Readonly<Record<string, StatusLook>> = {
  pending: QUEUED,
  queued: QUEUED,
  ready: QUEUED,
  running: RUNNING,
  started: RUNNING,
  waiting: WAITING,
  suspended: WAITING,
  open: WAITING,
  retrying: { color: 'orange', icon: IconClockPause },
  paused: { color: 'violet', icon: IconPlayerPause },
  compensating: { color: 'orange', icon: IconArrowBackUp },
  compensated: { color: 'orange', icon: IconArrowBackUp },
  completed: DONE,
  done: DONE,
  approved: DONE,
  replayed: DONE,
  ok: DONE,
  live: DONE,
  failed: FAILED,
  rejected: FAILED,
  unhealthy: FAILED,
  degraded: { color: 'orange', icon: IconClockPause },
  cancelled: CANCELLED,
  'not decided': CANCELLED,
  discarded: CANCELLED,
  gone: CANCELLED,
  planned: QUEUED,
  dispatched: { color: 'blue', icon: IconSend },
  stopped: CANCELLED,
  undone: { color: 'orange', icon: IconArrowBackUp },
  skipped: { color: 'gray', icon: IconPlayerSkipForward },
};

/** The colour and the icon of a status of a run, a task, a node, an approval or a part: the same on every page. */
export function lookOf(status: string): StatusLook {
  return LOOKS[status] ?? QUEUED;
}

/** The colour as CSS has it: for what is drawn. */
export function statusColor(status: string): string {
  return `var(--mantine-color-${lookOf(status).color}-filled)`;
}
