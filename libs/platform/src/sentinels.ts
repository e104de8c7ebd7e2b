import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The files of the `/run-agents` handler that smoke tests read. */
const FILES = {
  entered: 'run_agents_entered.log',
  acquired: 'run_agents_lock_acquired.log',
  conflict: 'run_agents_lock_conflict.log',
} as const;

/**
 * Appends a line per event to the sentinel files of a directory. Each line is one write in append mode, so that several processes can
 * share the files. For tests: the write is synchronous, so that a line is there before the request is answered.
 */
export class Sentinels {
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true });
  }

  /** @param words what follows the instant and the id, in order */
  write(file: keyof typeof FILES, id: string, ...words: string[]): void {
    // An id comes from a caller: encoded, it cannot forge a line.
    const line = [new Date().toISOString(), `id=${encodeURIComponent(id.toWellFormed())}`, ...words].join(' ');
    appendFileSync(join(this.directory, FILES[file]), `${line}\n`);
  }
}
