import { readdirSync, readFileSync } from 'node:fs';
import { figuresUrl, type Slot, type Stage } from '../chaos/stage.js';

/** What one process holds. */
export interface ProcessSample {
  /** Its place on the stage, and its pid: what is started in the place of a killed one is another. */
  process: string;
  rssMb: number;
  /** In use at the sample, garbage included; null where the process gave no answer. */
  heapMb: number | null;
  handles: number | null;
  fds: number;
}

const MB = 1_048_576;

/** What each process holds that runs now. */
export async function sampleProcesses({ slots }: Stage): Promise<ProcessSample[]> {
  const samples = await Promise.all(slots.map((slot, index) => sampleProcess(slot, index)));
  return samples.filter((sample) => sample !== null);
}

function nameOf({ app, env, process }: Slot, index: number): string {
  return `${index}-${env['WORKER_RUNS'] === 'false' ? 'pool-worker' : app}-${process?.child.pid}`;
}

/** Null for one that has just been killed. */
async function sampleProcess(slot: Slot, index: number): Promise<ProcessSample | null> {
  const [pid, url] = [slot.process?.child.pid, figuresUrl(slot)];
  if (pid === undefined) return null;
  try {
    const rssMb = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024;
    const fds = readdirSync(`/proc/${pid}/fd`).length;
    const text = url === null ? '' : await readFigures(url);
    const figure = (name: string): number | null => {
      const found = new RegExp(String.raw`^${name} (\S+)$`, 'm').exec(text);
      return found === null ? null : Number(found[1]);
    };
    const heap = figure('nodejs_heap_size_used_bytes');
    return {
      ...{ process: nameOf(slot, index), rssMb, fds },
      heapMb: heap === null ? null : heap / MB,
      handles: figure('nodejs_active_handles_total'),
    };
  } catch {
    return null;
  }
}

async function readFigures(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(4_000) }).catch(() => null);
  return response?.ok === true ? response.text() : '';
}
