import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import { BatonError, RunArchive, type BlobStore, type RemovableRun } from '@baton/core';
import type { BlobObjectStore } from './blobs/blob-object-store.js';
import type { RunRow, SqlRunRecords } from './sql-run-records.js';

const compress = promisify(gzip);

/** Of the lines of an archive: another number, other lines. */
const FORMAT = 1;

/** Bytes that the name of a folder may have on any file system, and some to spare. */
const MAX_FOLDER_CHARS = 200;

/**
 * {@link RunArchive} in files or objects: a folder for each run, in it `run.ndjson.gz` with a JSON object a line, and each payload as `<SHA-256>.gz`. The
 * payloads come first, so that a `run.ndjson.gz` has all that it names.
 */
export class ObjectRunArchive extends RunArchive {
  constructor(
    private readonly records: SqlRunRecords,
    private readonly blobs: Pick<BlobStore, 'get'>,
    private readonly objects: BlobObjectStore,
  ) {
    super();
  }

  async keep({ runId }: RemovableRun): Promise<boolean> {
    const run = await this.records.find(runId);
    if (run === null) return false;
    const folder = archiveFolder(run.tenant_id, run.finished_at ?? 0, runId);
    try {
      const payloads = await this.records.payloads(runId);
      for (const digest of payloads) await this.write(`${folder}/${digest}.gz`, await compress(await this.payload(run, digest)));
      const content = await pipeline(this.lines(run, payloads), createGzip(), buffer);
      // Whoever takes a run away takes its row first: while that is there, so was all that was read before.
      if ((await this.records.find(runId)) === null) return false;
      await this.write(`${folder}/run.ndjson.gz`, content);
      return true;
    } catch (error) {
      if ((await this.records.find(runId)) === null) return false;
      throw error;
    }
  }

  private async *lines(run: RunRow, payloads: readonly string[]): AsyncGenerator<string> {
    yield lineOf({ archive: FORMAT, run_id: run.id, tenant_id: run.tenant_id });
    for await (const record of this.records.list(run)) yield lineOf(record);
    for (const sha256 of payloads) yield lineOf({ payload: sha256 });
  }

  private async payload({ id: runId, tenant_id: tenantId }: RunRow, digest: string): Promise<Uint8Array> {
    const bytes = await this.blobs.get(tenantId, digest);
    if (bytes !== null) return bytes;
    throw new BatonError('payload_not_found', `The payload ${digest} of the run is not there.`, { run_id: runId, digest });
  }

  private async write(name: string, content: Uint8Array): Promise<void> {
    await this.objects.write(name, content);
    const kept = await this.objects.read(name);
    if (kept !== null && Buffer.compare(kept, content) === 0) return;
    const detail = `The archive does not give back what was written as ${name}.`;
    throw new BatonError('storage_unavailable', detail, { object: name });
  }
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
