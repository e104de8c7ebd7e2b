import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Preloaded into every measured process: tells over IPC what it holds once its garbage is gone. */
export interface MemoryInUse {
  heapBytes: number;
  residentBytes: number;
}

export const MEMORY_REQUEST = 'memory_in_use';

/** All of it, and what the heap keeps in reserve goes back to the system. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: object) => void;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

process.on('message', (message) => {
  if (message !== MEMORY_REQUEST) return;
  collectGarbage();
  const { heapUsed: heapBytes, rss: residentBytes } = process.memoryUsage();
  process.send?.({ kind: MEMORY_REQUEST, memory: { heapBytes, residentBytes } satisfies MemoryInUse });
});
// The probe must not keep a process alive that has nothing else to do.
process.channel?.unref();
