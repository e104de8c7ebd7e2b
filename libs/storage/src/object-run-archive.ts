import { createHash, type Hash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { BatonError, RunArchive, type BlobStore, type RemovableRun } from '@baton/core';
import type { BlobObjectStore } from './blobs/blob-object-store.js';
import type { RunRow, SqlRunRecords } from './sql-run-records.js';

/** Of the lines of an archive: another number, other lines. */
const FORMAT = 1;

/** Bytes that the name of a folder may have on any file system, and some to spare. */
const MAX_FOLDER_CHARS = 200;

/**
 * {@link RunArchive} in files or objects: a folder for each run, in it `run.ndjson.gz` with a JSON object a line, and each payload as `<SHA-256>.gz`. The
 * payloads come first, so that a `run.ndjson.gz` has all that it names. All goes through in pieces, but for a payload, which is read whole.
 */
export class ObjectRunArchive extends RunArchive {
  constructor(
    private readonly records: SqlRunRecords,
    private readonly blobs: Pick<BlobStore, 'get'>,
    private readonly objects: BlobObjectStore,
  ) {
    super();
  }

  async keep({ runId }: RemovableRun, signal?: AbortSignal): Promise<boolean> {
    const run = await this.records.find(runId);
    if (run === null) return false;
    const folder = archiveFolder(run.tenant_id, run.finished_at ?? 0, runId);
    try {
      const payloads = await this.records.payloads(runId);
      for (const digest of payloads) await this.keepPayload(run, digest, `${folder}/${digest}.gz`, signal);
      await this.write(`${folder}/run.ndjson.gz`, this.lines(run, payloads), signal);
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      if ((await this.records.find(runId)) === null) return false;
      throw error;
    }
  }

  private async *lines(run: RunRow, payloads: readonly string[]): AsyncGenerator<string> {
    yield lineOf({ archive: FORMAT, run_id: run.id, tenant_id: run.tenant_id });
    for await (const record of this.records.list(run)) yield lineOf(record);
    for (const sha256 of payloads) yield lineOf({ payload: sha256 });
    // Whoever takes a run away takes its row first: while that is there, so was all that was read before. Else nothing is kept of it.
    if ((await this.records.find(run.id)) === null) throw new BatonError('run_not_found', `The run \`${run.id}\` is gone.`);
  }

  /** Unless a run that could not be archived before has left it there. */
  private async keepPayload(run: RunRow, digest: string, name: string, signal: AbortSignal | undefined): Promise<void> {
    if (await this.has(name, digest, signal)) return;
    const bytes = await this.blobs.get(run.tenant_id, digest, signal);
    if (bytes !== null) return await this.write(name, [bytes], signal);
    throw new BatonError('payload_not_found', `The payload ${digest} of the run is not there.`, { run_id: run.id, digest });
  }

  /** Whole. What cannot be read is written again: it is damaged, or not there, as S3 only tells those who may list. */
  private async has(name: string, digest: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      return (await this.objects.scan(name, unzippedDigest, signal)) === digest;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof BatonError) return false;
      throw error;
    }
  }

  private async write(
    name: string,
    content: AsyncIterable<string> | Iterable<Uint8Array>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const hash = createHash('sha256');
    const keep = (zipped: AsyncIterable<Uint8Array>): Promise<void> => this.objects.write(name, hashed(zipped, hash), signal);
    await pipeline(content, createGzip(), keep, { signal });
    const written = hash.digest('hex');
    if ((await this.objects.scan(name, digestOf, signal)) === written) return;
    const detail = `The archive does not give back what was written as ${name}.`;
    throw new BatonError('storage_unavailable', detail, { object: name });
  }
}

async function* hashed(content: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
}

async function digestOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of content) hash.update(piece);
  return hash.digest('hex');
}

async function unzippedDigest(content: AsyncIterable<Uint8Array>): Promise<string> {
  return await pipeline(content, createGunzip(), digestOf);
}

/** `<tenant>/<year>/<month>/<day>/<run>`: by the day of UTC on which the run ended. */
export function archiveFolder(tenantId: string, finishedAt: number, runId: string): string {
  return [tenantFolder(tenantId), ...new Date(finishedAt).toISOString().slice(0, 10).split('-'), runId].join('/');
}

/** Lower-case letters, digits and hyphens as they are; of what else there is the bytes in hex, each behind a `_`. */
function tenantFolder(tenantId: string): string {
  const name = tenantId.replaceAll(/[^a-z0-9-]/gu, (character) =>
    Buffer.from(character).toString('hex').replaceAll(/../g, '_$&'),
  );
  if (name.length <= MAX_FOLDER_CHARS) return name;
  return `__${createHash('sha256').update(tenantId).digest('hex')}`;
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
