import { readFileSync } from 'node:fs';

/**
 * Sends this process SIGTERM once npm, which started it through a shell, has gone. npm passes a SIGTERM to that shell alone, and nothing when
 * it is killed: without this, `kill <npm start>` would leave everything running.
 */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const ancestors = readAncestors();
  const timer = setInterval(() => {
    if (readAncestors() === ancestors) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 200);
  timer.unref();
}

/** The shell and npm, by process id; on systems other than Linux the shell alone. */
function readAncestors() {
  return `${process.ppid} ${parentOf(process.ppid)}`;
}

/** @param {number} pid */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  } catch {
    return '-';
  }
}
