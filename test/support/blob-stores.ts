import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock, type BlobStore, type Clock } from '@baton/core';
import { FileObjectStore, ObjectBlobStore, S3ObjectStore, SqlBlobStore, type Database, type S3Options } from '@baton/storage';
import { S3StandIn } from './s3-stand-in/index.js';

export type BlobPlace = 'sql' | 'fs' | 's3';

/** A real service, where one is configured for the tests: S3_URL, S3_BUCKET, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY. */
function configuredS3(): S3Options | null {
  const { S3_URL: endpoint, S3_BUCKET, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_PATH_STYLE } = process.env;
  if (endpoint === undefined || endpoint === '') return null;
  return {
    ...{ endpoint, bucket: S3_BUCKET ?? 'blobs', region: S3_REGION ?? 'us-east-1', pathStyle: S3_PATH_STYLE !== 'false' },
    ...{ accessKeyId: S3_ACCESS_KEY_ID ?? '', secretAccessKey: S3_SECRET_ACCESS_KEY ?? '' },
  };
}

/** Makes blob stores of one kind for the tests of one file. */
export class BlobBench {
  standIn: S3StandIn | null = null;
  /** Of the file stores of one test. */
  directory = '';
  private prefix = '';
  private readonly dirs: string[] = [];
  private readonly closers: (() => Promise<void>)[] = [];

  constructor(readonly place: BlobPlace) {}

  /** What the processes of one test share beside the database. */
  async fresh(): Promise<void> {
    if (this.place === 'fs') {
      this.directory = mkdtempSync(join(tmpdir(), 'baton-blobs-'));
      this.dirs.push(this.directory);
    }
    this.prefix = `test-${randomUUID()}`;
    if (this.place === 's3' && configuredS3() === null) this.standIn ??= await S3StandIn.start();
    this.standIn?.objects.clear();
  }

  open(database: Database, { clock = new SystemClock(), maxBytes }: { clock?: Clock; maxBytes?: number } = {}): BlobStore {
    if (this.place === 'sql') return new SqlBlobStore(database, clock, { maxBytes });
    if (this.place === 'fs') return new ObjectBlobStore(database, new FileObjectStore(this.directory), clock, { maxBytes });
    return new ObjectBlobStore(database, this.openS3(), clock, { maxBytes });
  }

  openS3(change: Partial<S3Options> = {}): S3ObjectStore {
    const { standIn, prefix } = this;
    const options = standIn === null ? configuredS3()! : { endpoint: standIn.url, bucket: standIn.bucket, ...standIn.keys };
    const objects = new S3ObjectStore({ ...options, prefix, retryMs: 1, ...change });
    this.closers.push(() => objects.close());
    return objects;
  }

  /** How many objects there are outside the database; null: not to be told. */
  async countObjects(): Promise<number | null> {
    if (this.place === 'sql') return 0;
    if (this.place === 's3') return this.standIn?.objects.size ?? null;
    return (await this.files()).length;
  }

  /** Changes a byte of every payload behind the store's back; false where it cannot be done. */
  async damage(database: Database): Promise<boolean> {
    const flip = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte, index) => (index === 3 ? byte ^ 1 : byte)));
    if (this.place === 's3') {
      for (const [name, bytes] of this.standIn?.objects ?? []) this.standIn!.objects.set(name, flip(bytes));
      return this.standIn !== null;
    }
    if (this.place === 'fs') {
      for (const file of await this.files()) await writeFile(file, flip(await readFile(file)));
      return true;
    }
    for (const row of await database.read<{ digest: string; content: Buffer }>('SELECT digest, content FROM blob_parts'))
      await database.write({
        sql: 'UPDATE blob_parts SET content = ? WHERE digest = ?',
        values: [flip(row.content), row.digest],
      });
    return true;
  }

  async stop(): Promise<void> {
    for (const close of this.closers.splice(0)) await close();
    await this.standIn?.stop();
    for (const dir of this.dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  }

  private async files(): Promise<string[]> {
    const objects = join(this.directory, 'objects');
    await mkdir(objects, { recursive: true });
    const entries = await readdir(objects, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }
}
