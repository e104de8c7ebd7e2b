import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** What tells one process from every other on the machine, also from a later one with the same pid. */
export interface ProcessInfo {
  host: string;
  pid: number;
  /** `<boot>/<pid namespace>/<start>`, as Linux tells them; `-` for each part that the system does not tell. */
  processStart: string;
  startedAt: number;
}

/** This process. */
export function describeProcess(): ProcessInfo {
  const { pid } = process;
  const startedAt = Math.round(Date.now() - process.uptime() * 1_000);
  return { host: hostname(), pid, processStart: `${machine()}/${readStart(pid) ?? '-'}`, startedAt };
}

/** What becomes of a process that was described on this machine. Unknown where it cannot be told: another host, another boot, another container. */
export function fateOf(other: Pick<ProcessInfo, 'host' | 'pid' | 'processStart'>): 'alive' | 'gone' | 'unknown' {
  const [boot, namespace, start] = other.processStart.split('/');
  if (other.host !== hostname() || `${boot}/${namespace}` !== machine()) return 'unknown';
  const isAlive = start === '-' ? answersSignals(other.pid) : readStart(other.pid) === start;
  return isAlive ? 'alive' : 'gone';
}

function machine(): string {
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, ''));
  return `${boot ?? '-'}/${namespace ?? '-'}`;
}

/** Clock ticks from boot to the start of a process; null when there is none, or only its zombie. */
function readStart(pid: number): string | null {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The command's name stands in parentheses and may hold anything, parentheses too: fields count from the last one.
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return state === undefined || state === 'Z' || state === 'X' ? null : (fields[18] ?? null);
}

function answersSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
