import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(1_048_576);

/** A file system of its own in memory, small enough to be filled. */
export class SmallDisk {
  private constructor(readonly dir: string) {}

  /** Only root may mount. */
  static get isAllowed(): boolean {
    return process.getuid?.() === 0;
  }

  static mount(megabytes: number): SmallDisk {
    const dir = mkdtempSync(join(tmpdir(), 'baton-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', dir]);
    return new SmallDisk(dir);
  }

  /** Takes all the room that is left, to the last byte. */
  fill(): void {
    const file = openSync(this.filler, 'a');
    try {
      for (let size = CHUNK.length; size > 0; size = size >> 1) {
        while (this.writes(file, size));
      }
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.filler, { force: true });
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.dir]);
    rmSync(this.dir, { recursive: true, force: true });
  }

  private get filler(): string {
    return join(this.dir, 'filler');
  }

  private writes(file: number, size: number): boolean {
    try {
      return writeSync(file, CHUNK, 0, size) === size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
      throw error;
    }
  }
}
