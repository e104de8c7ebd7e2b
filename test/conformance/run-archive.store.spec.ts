import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BatonError, runAccount, SystemClock, type BlobStore, type JsonObject, type RemovableRun } from '@baton/core';
import {
  FileObjectStore,
  ObjectRunArchive,
  S3ObjectStore,
  SqlArtifactStore,
  SqlBlobStore,
  SqlRunLogStore,
  SqlRunRecords,
  SqlRunRetention,
  SqlRunStore,
  SqlTaskStore,
  type Database,
  type RunRecord,
} from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { fillTables, readSchema, rowId } from '../support/filled-tables.js';
import { claimedRun, completed, ending, newTask, WORKFLOW } from '../support/run-requests.js';
import { S3StandIn } from '../support/s3-stand-in/index.js';

/** Whoever adds a column or a table says here whether it is archived: an archive goes to places where nobody should find a secret. */
const columns = (names: string): string[] => names.split(' ');
const ARCHIVED: Record<string, string[]> = {
  approvals: columns(
    'comment decided_at decided_by decision due_at escalates_at id node_id proposal requested_at role run_id status tenant_id terms title visit votes',
  ),
  artifacts: columns('bytes created_at digest id media_type name node_id run_id tenant_id'),
  budget_accounts: columns(
    'account changed_at granted held_cost_micros held_model_calls held_tokens tenant_id used_cost_micros used_model_calls used_tokens',
  ),
  dead_letters: columns(
    'at attempts code error failed_nodes kind node_id node_type replay_run_id resolved_at resolved_by run_id status tenant_id',
  ),
  definitions: columns('definition digest'),
  journal: columns('at attempt epoch node_id payload run_id seq tenant_id type v visit'),
  lock_history: columns('at event holder id method operation run_id task_id tenant_id token_length'),
  revisions: columns('answered_at at author diff digest patch previous_digest reason refusal revision run_id status tenant_id'),
  run_logs: columns('at attempt bytes fields id level message node_id run_id tenant_id visit'),
  run_usage: columns(
    'agent completion_tokens cost_micros day model model_calls node_id prompt_tokens run_id tenant_id workflow_id workflow_name',
  ),
  runs: columns(
    'budget child_id continued_from created_at depth epoch finished_at forked_from generation id idempotency_key input limited parent_index parent_node_id parent_run_id priority request_digest revision seq started_at started_by status task_id tenant_id unproductive_claims wake_at worker_id workflow_digest workflow_id workflow_name workflow_version',
  ),
  signals: columns('at id payload run_id tenant_id type'),
};
/** Columns that serve those who hold the run or the table, secrets among them; of definitions, whose they were first. */
const LEFT_OUT: Record<string, string[]> = {
  approvals: ['decision_token'],
  definitions: ['created_at', 'tenant_id'],
  revisions: ['token'],
  runs: ['claim_room', 'claim_token', 'counted'],
};
/** Of the tables that name runs: what serves those that live, what is known of those that are gone, and what belongs to another than the run. */
const TABLES_LEFT_OUT: readonly string[] = [
  ...['audit_findings', 'blob_references', 'budget_holds', 'checkpoints', 'pool_jobs', 'rag_configs', 'removed_runs'],
  ...['run_places', 'unarchived_runs', 'uploads'],
];

/** Ends at 2,000 ms: on the first of January 1970. */
const folderOf = (runId: string): string => `acme/1970/01/01/${runId}`;

describe.each(DATABASE_KINDS)('RunArchive on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  const directory = mkdtempSync(join(tmpdir(), 'baton-archive-'));
  let database: Database;
  let runs: SqlRunStore;
  let blobs: BlobStore;
  let archive: ObjectRunArchive;

  beforeEach(async () => {
    database = await (await bench.fresh()).open();
    runs = new SqlRunStore(database);
    blobs = new SqlBlobStore(database, new SystemClock());
    archive = new ObjectRunArchive(new SqlRunRecords(database), blobs, new FileObjectStore(directory));
    await database.write({
      sql: `INSERT INTO definitions (digest, tenant_id, definition, created_at) VALUES (?, 'acme', '{"name":"w"}', 1)`,
      values: [WORKFLOW.digest],
    });
  });
  afterEach(async () => {
    await runs.close();
    await bench.closeAll();
  });
  afterAll(async () => {
    await bench.stop();
    rmSync(directory, { recursive: true });
  });

  const removable = (runId: string): RemovableRun => ({ runId, tenantId: 'acme', taskId: null, isCounted: true });
  const objectOf = (runId: string, name: string): Promise<Buffer> => readFile(join(directory, 'objects', folderOf(runId), name));
  async function linesOf(runId: string): Promise<JsonObject[]> {
    const text = gunzipSync(await objectOf(runId, 'run.ndjson.gz')).toString('utf8');
    expect(text.endsWith('\n')).toBe(true);
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
  }
  const rowsOf = (lines: readonly JsonObject[], table: string): JsonObject[] =>
    lines.filter((line) => line['table'] === table).map((line) => line['row'] as JsonObject);

  async function endedRun(change: Parameters<typeof claimedRun>[1] = {}, events = 0): Promise<string> {
    const { runId, epoch } = await claimedRun(runs, { tenantId: 'acme', at: 1_000, ...change });
    const all = Array.from({ length: events }, (_none, output) => completed(output));
    if (events > 0) await runs.append({ runId, epoch, baseSeq: 1, events: all });
    await runs.append({ runId, epoch, baseSeq: events + 1, ...ending(1) });
    return runId;
  }

  test('keeps all that makes up a run, and nothing of others', async () => {
    const tasks = new SqlTaskStore(database);
    const task = newTask({ tenantId: 'acme' });
    await tasks.create(task);
    const large = Buffer.from(JSON.stringify('x'.repeat(5_000)));
    const sha256 = await blobs.put('acme', large);
    const input = { $blob: { sha256, bytes: large.length, media_type: 'application/json' } };
    const lock = { holder: 'api', tokenLength: 32, method: 'redis' } as const;
    // More events, and more lines of the log, than one statement reads.
    const runId = await endedRun({ taskId: task.id, lock, input }, 450);
    const others = [await endedRun(), await endedRun({ tenantId: 'default' })];
    const said = { tenantId: 'acme', nodeId: 'n', visit: 1, attempt: 1, at: 1, level: 'info', bytes: 9 } as const;
    const logs = new SqlRunLogStore(database);
    await logs.append(Array.from({ length: 401 }, (_none, n) => ({ ...said, runId, message: `m${n}`, fields: { n } })));
    await logs.append([{ ...said, runId: others[0]!, message: 'another', fields: null }]);
    const draft = { tenantId: 'acme', runId, nodeId: 'n', key: 'k', name: 'a.md', mediaType: 'text/markdown' };
    const content = Buffer.from('# Report');
    await new SqlArtifactStore(database, blobs, new SystemClock()).keep({ ...draft, content });
    await database.writeAll([
      {
        sql: `INSERT INTO approvals (id, tenant_id, run_id, node_id, visit, title, status, requested_at, votes, decision_token)
              VALUES ('a', 'acme', ?, 'n', 1, 't', 'decided', 1, '[{"by":"ann"}]', 'secret')`,
        values: [runId],
      },
      {
        sql: `INSERT INTO signals (tenant_id, run_id, type, payload, at) VALUES ('acme', ?, 'go', '{"go":1}', 1)`,
        values: [runId],
      },
      {
        sql: `INSERT INTO revisions (run_id, revision, tenant_id, status, digest, previous_digest, patch, diff, author, reason, at, token)
              VALUES (?, 1, 'acme', 'applied', 'patched', 'd', '[]', '[]', 'ann', 'r', 1, 'secret')`,
        values: [runId],
      },
      {
        sql: `INSERT INTO dead_letters (run_id, tenant_id, kind, code, error, attempts, failed_nodes, at, status)
              VALUES (?, 'acme', 'run', 'x', '{"code":"x"}', 1, 0, 1, 'discarded')`,
        values: [runId],
      },
      { sql: `INSERT INTO run_usage VALUES (?, '2026-03-01', 'n', 'a', 'm', 'acme', 'w', 'w', 1, 2, 3, 4)`, values: [runId] },
      { sql: `INSERT INTO budget_accounts VALUES ('acme', ?, 5, 0, 0, 0, 0, 0, '{}', 0)`, values: [runAccount(runId)] },
      {
        sql: `INSERT INTO definitions (digest, tenant_id, definition, created_at) VALUES ('patched', 'acme', '{"name":"p"}', 1)`,
        values: [],
      },
    ]);

    expect(await archive.keep(removable(runId))).toBe(true);
    const lines = await linesOf(runId);
    expect(lines[0]).toEqual({ archive: 1, run_id: runId, tenant_id: 'acme' });
    expect(rowsOf(lines, 'runs')).toEqual([
      expect.objectContaining({ id: runId, status: 'completed', finished_at: 2_000, task_id: task.id, input }),
    ]);
    const journal = rowsOf(lines, 'journal');
    expect(journal.map(({ seq }) => seq)).toEqual(Array.from({ length: 452 }, (_none, index) => index + 1));
    expect(journal.at(-1)).toMatchObject({ type: 'run.completed', payload: { output: 1 } });
    const logged = rowsOf(lines, 'run_logs');
    expect(logged.map(({ fields }) => (fields as JsonObject)['n'])).toEqual(Array.from({ length: 401 }, (_none, n) => n));
    expect(rowsOf(lines, 'approvals')).toMatchObject([{ id: 'a', votes: [{ by: 'ann' }] }]);
    expect(rowsOf(lines, 'signals')).toMatchObject([{ type: 'go', payload: { go: 1 } }]);
    expect(rowsOf(lines, 'revisions')).toMatchObject([{ revision: 1, patch: [], author: 'ann' }]);
    expect(rowsOf(lines, 'dead_letters')).toMatchObject([{ error: { code: 'x' } }]);
    expect(rowsOf(lines, 'run_usage')).toMatchObject([{ model: 'm', completion_tokens: 3 }]);
    expect(rowsOf(lines, 'budget_accounts')).toMatchObject([{ account: runAccount(runId) }]);
    expect(rowsOf(lines, 'definitions')).toEqual([
      { digest: WORKFLOW.digest, definition: { name: 'w' } },
      { digest: 'patched', definition: { name: 'p' } },
    ]);
    expect(rowsOf(lines, 'lock_history')).toMatchObject([{ run_id: runId, holder: 'api' }]);
    const artifact = createHash('sha256').update(content).digest('hex');
    expect(rowsOf(lines, 'artifacts')).toMatchObject([{ name: 'a.md', digest: artifact }]);
    expect(lines.flatMap((line) => line['payload'] ?? [])).toEqual([artifact, sha256].toSorted());
    expect(gunzipSync(await objectOf(runId, `${sha256}.gz`))).toEqual(large);
    expect(gunzipSync(await objectOf(runId, `${artifact}.gz`))).toEqual(content);
    expect(JSON.stringify(lines)).not.toMatch(/secret|claim_token|claim_room|another/);
    expect(await readdir(join(directory, 'objects', 'acme', '1970', '01', '01'))).toEqual([runId]);
  });

  test('keeps the columns that are listed, and leaves out those that are listed', async () => {
    const empty = await (await bench.fresh()).open();
    await fillTables(empty, 1);
    const runId = rowId('runs', 0);
    await empty.writeAll([
      { sql: 'UPDATE budget_accounts SET tenant_id = ?, account = ?', values: ['default', runAccount(runId)] },
      { sql: 'UPDATE runs SET workflow_digest = ?', values: ['digest-0'] },
      { sql: 'UPDATE journal SET seq = 1', values: [] },
    ]);
    const records = new SqlRunRecords(empty);
    const all = await Array.fromAsync(records.list((await records.find(runId))!));
    const archived = Object.fromEntries(all.map(({ table, row }) => [table, Object.keys(row).sort()]));
    expect(archived).toEqual(ARCHIVED);
    const schema = await readSchema(empty);
    const namesIn = (table: string): string[] => schema.get(table)!.map(({ name }) => name);
    const naming = [...schema.keys()].filter((table) => namesIn(table).includes('run_id'));
    expect(naming.filter((table) => !(table in ARCHIVED)).sort()).toEqual(TABLES_LEFT_OUT);
    for (const [table, kept] of Object.entries(ARCHIVED))
      expect([table, ...namesIn(table).sort()]).toEqual([table, ...[...kept, ...(LEFT_OUT[table] ?? [])].sort()]);
  });

  test('keeps the same run in the same place, byte for byte', async () => {
    const runId = await endedRun({}, 3);
    await archive.keep(removable(runId));
    const first = await objectOf(runId, 'run.ndjson.gz');
    // The counter of the analytics may have come to it meanwhile.
    await database.write({ sql: 'UPDATE runs SET counted = 1', values: [] });
    await archive.keep(removable(runId));
    expect(await objectOf(runId, 'run.ndjson.gz')).toEqual(first);
  });

  test('leaves what it has of a run that somebody else has taken away', async () => {
    const runId = await endedRun({}, 3);
    expect(await archive.keep(removable(runId))).toBe(true);
    const first = await objectOf(runId, 'run.ndjson.gz');
    const retention = new SqlRunRetention(database);
    await retention.takeAway([removable(runId)], 5_000);
    await retention.clear(5_001, 10);
    expect(await archive.keep(removable(runId))).toBe(false);
    expect(await objectOf(runId, 'run.ndjson.gz')).toEqual(first);
  });

  test('writes nothing of a run that is taken away while it reads', async () => {
    const runId = await endedRun({}, 3);
    class Overtaken extends SqlRunRecords {
      override async payloads(id: string): Promise<string[]> {
        const found = await super.payloads(id);
        await new SqlRunRetention(database).takeAway([removable(id)], 5_000);
        return found;
      }
    }
    const overtaken = new ObjectRunArchive(new Overtaken(database), blobs, new FileObjectStore(directory));
    expect(await overtaken.keep(removable(runId))).toBe(false);
    await expect(objectOf(runId, 'run.ndjson.gz')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is refused where a payload is not to be had', async () => {
    const reference = { $blob: { sha256: 'a'.repeat(64), bytes: 9, media_type: 'application/json' } };
    const runId = await endedRun({ input: reference });
    await expect(archive.keep(removable(runId))).rejects.toMatchObject({ code: 'payload_not_found' });
    await expect(objectOf(runId, 'run.ndjson.gz')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is refused where a definition is not to be had', async () => {
    const runId = await endedRun({ workflow: { ...WORKFLOW, digest: 'lost' } });
    await expect(archive.keep(removable(runId))).rejects.toMatchObject({
      code: 'workflow_not_found',
      message: 'The definition lost of the run is not there.',
    });
    await expect(objectOf(runId, 'run.ndjson.gz')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('writes no payload that is there whole, and one that is damaged again', async () => {
    const payload = Buffer.from(JSON.stringify('x'.repeat(5_000)));
    const sha256 = await blobs.put('acme', payload);
    const reference = (digest: string) => ({ $blob: { sha256: digest, bytes: payload.length, media_type: 'application/json' } });
    const missing = 'f'.repeat(64);
    const runId = await endedRun({ input: [reference(sha256), reference(missing)] });
    const read: string[] = [];
    const written: string[] = [];
    class Writing extends FileObjectStore {
      override write(...given: Parameters<FileObjectStore['write']>): Promise<void> {
        written.push(given[0].split('/').at(-1)!);
        return super.write(...given);
      }
    }
    const get = (...key: Parameters<BlobStore['get']>): Promise<Uint8Array | null> => {
      read.push(key[1]);
      return blobs.get(...key);
    };
    const watched = new ObjectRunArchive(new SqlRunRecords(database), { get }, new Writing(directory));
    const tryAgain = async (): Promise<string[][]> => {
      [read, written].forEach((list) => list.splice(0));
      await expect(watched.keep(removable(runId))).rejects.toMatchObject({ code: 'payload_not_found' });
      return [read, written];
    };
    expect(await tryAgain()).toEqual([[sha256, missing], [`${sha256}.gz`]]);
    expect(await tryAgain()).toEqual([[missing], []]);
    const place = join(directory, 'objects', folderOf(runId), `${sha256}.gz`);
    const zipped = await readFile(place);
    for (const damaged of [zipped.subarray(0, -9), gzipSync('another'), Buffer.from('no gzip')]) {
      await writeFile(place, damaged);
      expect(await tryAgain()).toEqual([[sha256, missing], [`${sha256}.gz`]]);
      expect(await readFile(place)).toEqual(zipped);
    }
  });

  test('writes what it is not told of', async () => {
    // So does S3 answer who may not list: it does not say that an object is not there.
    class Secretive extends FileObjectStore {
      private readonly known = new Set<string>();
      override async write(...given: Parameters<FileObjectStore['write']>): Promise<void> {
        await super.write(...given);
        this.known.add(given[0]);
      }
      override async scan<T>(...given: Parameters<typeof FileObjectStore.prototype.scan<T>>): Promise<T | null> {
        if (!this.known.has(given[0])) throw new BatonError('storage_unavailable', 'S3 does not do GET: 403 AccessDenied.');
        return await super.scan(...given);
      }
    }
    const input = { $blob: { sha256: await blobs.put('acme', Buffer.from('"x"')), bytes: 3, media_type: 'application/json' } };
    const runId = await endedRun({ input });
    const secretive = new ObjectRunArchive(new SqlRunRecords(database), blobs, new Secretive(directory));
    expect(await secretive.keep(removable(runId))).toBe(true);
    expect(gunzipSync(await objectOf(runId, `${input.$blob.sha256}.gz`)).toString()).toBe('"x"');
  });

  test.each(['payload', 'row', 'look back'] as const)('is given up at its %s, and kept later', async (moment) => {
    const input = { $blob: { sha256: await blobs.put('acme', Buffer.from('"x"')), bytes: 3, media_type: 'application/json' } };
    const runId = await endedRun({ input }, 3);
    const stopping = new AbortController();
    const reason = new Error('stop');
    const stop = (): void => stopping.abort(reason);
    class Records extends SqlRunRecords {
      override async *list(...given: Parameters<SqlRunRecords['list']>): AsyncGenerator<RunRecord> {
        for await (const record of super.list(...given)) {
          if (moment === 'row' && record.table === 'journal') stop();
          yield record;
        }
      }
    }
    const get = async (...key: Parameters<BlobStore['get']>): Promise<Uint8Array | null> => {
      if (moment === 'payload') stop();
      expect(key[2]).toBe(stopping.signal);
      return await blobs.get(...key);
    };
    class Objects extends FileObjectStore {
      override async write(...given: Parameters<FileObjectStore['write']>): Promise<void> {
        await super.write(...given);
        if (moment === 'look back' && given[0].endsWith('/run.ndjson.gz')) stop();
      }
    }
    const stopped = new ObjectRunArchive(new Records(database), { get }, new Objects(directory));
    await expect(stopped.keep(removable(runId), stopping.signal)).rejects.toBe(reason);
    const objects = new Set(await readdir(join(directory, 'objects', folderOf(runId))).catch(() => []));
    const payload = `${input.$blob.sha256}.gz`;
    expect(objects).toEqual(new Set({ payload: [], row: [payload], 'look back': [payload, 'run.ndjson.gz'] }[moment]));
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
    expect(await archive.keep(removable(runId))).toBe(true);
    expect(gunzipSync(await objectOf(runId, payload)).toString()).toBe('"x"');
    expect(rowsOf(await linesOf(runId), 'journal')).toHaveLength(5);
  });

  test('is refused where what is read back is not what was written', async () => {
    class Damaging extends FileObjectStore {
      override async write(name: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
        const bytes = content instanceof Uint8Array ? content : Buffer.concat(await Array.fromAsync(content));
        await super.write(name, bytes.subarray(0, -1));
      }
    }
    class Losing extends FileObjectStore {
      override async write(_name: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
        if (!(content instanceof Uint8Array)) await Array.fromAsync(content);
      }
    }
    const runId = await endedRun();
    for (const objects of [new Damaging(directory), new Losing(mkdtempSync(join(directory, 'lost-')))]) {
      const failing = new ObjectRunArchive(new SqlRunRecords(database), blobs, objects);
      await expect(failing.keep(removable(runId))).rejects.toMatchObject({ code: 'storage_unavailable' });
    }
  });

  test('is refused without its directory, which is never made', async () => {
    const share = join(mkdtempSync(join(directory, 'share-')), 'archive');
    const onShare = (): ObjectRunArchive =>
      new ObjectRunArchive(new SqlRunRecords(database), blobs, new FileObjectStore(share, { mustExist: true }));
    const held = onShare();
    const runId = await endedRun();
    const refused = { code: 'storage_unavailable' };
    for (const unmounted of [held, onShare()]) await expect(unmounted.keep(removable(runId))).rejects.toMatchObject(refused);
    expect(existsSync(share)).toBe(false);
    mkdirSync(share);
    expect(await held.keep(removable(runId))).toBe(true);
    // It is away again, under a worker that has written to it.
    renameSync(share, `${share}-elsewhere`);
    for (const unmounted of [held, onShare()]) await expect(unmounted.keep(removable(runId))).rejects.toMatchObject(refused);
    expect(existsSync(share)).toBe(false);
    renameSync(`${share}-elsewhere`, share);
    expect(await held.keep(removable(runId))).toBe(true);
    expect(existsSync(join(share, 'objects', folderOf(runId), 'run.ndjson.gz'))).toBe(true);
  });

  test('lies in a bucket as it does in a directory', async () => {
    const standIn = await S3StandIn.start();
    const options = { endpoint: standIn.url, bucket: standIn.bucket, ...standIn.keys, prefix: 'archive', retryMs: 1 };
    const objects = new S3ObjectStore(options);
    try {
      const runId = await endedRun({}, 3);
      await archive.keep(removable(runId));
      expect(await new ObjectRunArchive(new SqlRunRecords(database), blobs, objects).keep(removable(runId))).toBe(true);
      expect([...standIn.objects.keys()]).toEqual([`archive/${folderOf(runId)}/run.ndjson.gz`]);
      expect([...standIn.objects.values()]).toEqual([await objectOf(runId, 'run.ndjson.gz')]);
      standIn.faults.push(503, 503, 503, 503);
      await expect(
        new ObjectRunArchive(new SqlRunRecords(database), blobs, objects).keep(removable(runId)),
      ).rejects.toMatchObject({ code: 'storage_unavailable' });
    } finally {
      await objects.close();
      await standIn.stop();
    }
  });
});
