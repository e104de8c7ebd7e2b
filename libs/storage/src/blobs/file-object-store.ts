import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, parse, resolve } from 'node:path';
import { BatonError } from '@baton/core';
import { BlobObjectStore, type ObjectReader } from './blob-object-store.js';

/** What is older was left behind by a process that has died. */
const STALE_MS = 3_600_000;
const NAME = /^[a-z0-9_-]+(?:[./][a-z0-9_-]+)*$/;

export interface FileObjectOptions {
  /** What it is the directory of, for messages. Default "the blobs". */
  contents?: string;
  /** Whether the directory is never made, as where it belongs to a share that may not be mounted: what is written without it is refused. Default false. */
  mustExist?: boolean;
}

/** Objects as files of a directory, which processes of several machines may share. A file appears under its name whole and on the disk. */
export class FileObjectStore extends BlobObjectStore {
  readonly place = 'fs';
  private readonly root: string;
  private prepared: Promise<void> | null = null;

  constructor(
    directory: string,
    private readonly options: FileObjectOptions = {},
  ) {
    super();
    this.root = resolve(directory);
  }

  async write(name: string, content: Uint8Array | AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    const path = this.pathOf(name);
    await this.answered(name, signal, async () => {
      await (this.prepared ??= this.prepare());
      const written = join(this.root, 'tmp', randomBytes(12).toString('hex'));
      try {
        await writeDurably(written, content, signal);
        await makeDirectory(dirname(path), this.root);
        await rename(written, path);
        await syncDirectory(dirname(path));
      } catch (error) {
        await rm(written, { force: true }).catch(() => undefined);
        throw error;
      }
    });
  }

  async read(name: string, signal?: AbortSignal): Promise<Uint8Array | null> {
    const path = this.pathOf(name);
    return this.answered(name, signal, () => foundOf(readFile(path, { signal })));
  }

  async scan<T>(name: string, reader: ObjectReader<T>, signal?: AbortSignal): Promise<T | null> {
    const path = this.pathOf(name);
    return this.answered(name, signal, () => foundOf(reader(createReadStream(path, { signal }))));
  }

  async remove(name: string): Promise<void> {
    const path = this.pathOf(name);
    await this.answered(name, undefined, () => rm(path, { force: true }));
  }

  /** Never outside the directory, whatever the name says. */
  private pathOf(name: string): string {
    if (!NAME.test(name)) throw new Error(`\`${name}\` is no name of an object`);
    return join(this.root, 'objects', name);
  }

  private async answered<T>(name: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const { contents = 'the blobs' } = this.options;
      const detail = `The directory of ${contents} cannot be used: ${codeOf(error) ?? String(error)}.`;
      throw new BatonError('storage_unavailable', detail, { object: name }, { cause: error });
    }
  }

  private async prepare(): Promise<void> {
    const unfinished = join(this.root, 'tmp');
    try {
      await makeDirectory(unfinished, this.options.mustExist === true ? this.root : parse(this.root).root);
      for (const file of await readdir(unfinished)) await removeStale(join(unfinished, file));
    } catch (error) {
      this.prepared = null;
      throw error;
    }
  }
}

async function removeStale(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found !== null && Date.now() - found.mtimeMs > STALE_MS) await rm(path, { force: true });
}

async function writeDurably(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await writeFile(file, content, { signal });
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a directory below one that must be there; each that is new outlives a crash. */
async function makeDirectory(path: string, below: string): Promise<void> {
  if (path === below || (await stat(path).catch(() => null)) !== null) return;
  await makeDirectory(dirname(path), below);
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  await syncDirectory(dirname(path));
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** What was read of a file; null where there is none. */
async function foundOf<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
