import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { JsonObject } from '@baton/core';
import { call } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { LiveRun } from '../support/live-run.js';
import type { BatonProcess } from '../support/processes.js';

const AT_ONCE = 8;
const OLD = 3 * AT_ONCE;
const DAY_MS = 86_400_000;

const directory = mkdtempSync(join(tmpdir(), 'baton-archive-'));
const objects = join(directory, 'objects');
let cluster: Cluster;
let connection: Connection;

beforeAll(async () => {
  const env = {
    RUN_RETENTION_DAYS: '30',
    RUN_ARCHIVE: 'fs',
    RUN_ARCHIVE_PATH: directory,
    RUN_ARCHIVE_CONCURRENCY: String(AT_ONCE),
    BLOB_THRESHOLD_BYTES: '1024',
  };
  cluster = await startCluster({ apis: 1, workers: 1, env });
  connection = await createConnection({ uri: cluster.env['DATABASE_URL']!, supportBigNumbers: true });
}, 60_000);
afterAll(async () => {
  await connection.end();
  await cluster.stop();
  rmSync(directory, { recursive: true });
});

const nameOf = (n: number): string => `${n} ${'x'.repeat(2_000)}`;

async function idsInSql(): Promise<string[]> {
  const [rows] = await connection.query<(RowDataPacket & { id: string })[]>('SELECT id FROM runs ORDER BY id');
  return rows.map(({ id }) => id);
}

/** The folders of the archive by run. */
async function archived(): Promise<Map<string, string>> {
  const files = await readdir(objects, { recursive: true }).catch(() => []);
  const folders = files.filter((file) => file.endsWith('/run.ndjson.gz')).map((file) => file.slice(0, -'/run.ndjson.gz'.length));
  expect(new Set(folders).size).toBe(folders.length);
  return new Map(folders.map((folder) => [folder.split('/').at(-1)!, folder]));
}

/** Dies in it, be it before it could say that it is ready. */
async function untilKilled(start: Promise<BatonProcess>): Promise<void> {
  const worker = await start.catch((error: unknown) => {
    expect(String(error)).toContain('worker ended');
    return null;
  });
  if (worker === null) return;
  if (worker.child.exitCode === null && worker.child.signalCode === null) await once(worker.child, 'exit');
  expect(worker.child.signalCode).toBe('SIGKILL');
}

it('a run goes once it is in the archive, though its worker is killed in between', async () => {
  const { url } = cluster.apis[0]!;
  const node: JsonObject = { id: 'a', type: 'transform', config: { expression: 'input.name' } };
  expect((await call(url, 'POST', '/api/v1/workflows', { name: 'plain', nodes: [node] })).status).toBe(201);
  const all = await Promise.all(
    Array.from({ length: OLD + 1 }, (_none, n) => LiveRun.start([url], 'plain', { name: nameOf(n) })),
  );
  for (const run of all) expect(await run.untilEnded(30_000)).toMatchObject({ status: 'completed' });
  await cluster.workers[0]!.kill();
  const young = all.at(-1)!.id;
  const old = all.slice(0, OLD).map(({ id }) => id);
  await connection.query(`UPDATE runs SET created_at = created_at - ?, finished_at = finished_at - ? WHERE id <> ?`, [
    ...[31 * DAY_MS, 31 * DAY_MS, young],
  ]);

  await untilKilled(cluster.addWorker({ FAULT_POINTS: 'remove.afterArchive:2' }));
  const inBoth = await idsInSql();
  const before = await archived();
  expect([inBoth.length, before.size]).toEqual([OLD + 1 - AT_ONCE, 2 * AT_ONCE]);
  expect(old.filter((id) => !inBoth.includes(id) && !before.has(id))).toEqual([]);

  await cluster.addWorker();
  await eventually(async () => (await idsInSql()).length === 1, 'the old runs are gone', 30_000);
  expect(await idsInSql()).toEqual([young]);
  const after = await archived();
  expect([...after.keys()].sort()).toEqual(old.toSorted());
  for (const [n, id] of old.entries()) {
    const folder = join(objects, after.get(id)!);
    const lines = gunzipSync(await readFile(join(folder, 'run.ndjson.gz')))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    const records = lines.map((line) => JSON.parse(line) as { table?: string; row?: JsonObject; payload?: string });
    const types = records.flatMap(({ table, row }) => (table === 'journal' ? [row!['type']] : []));
    expect([types[0], types.at(-1)]).toEqual(['run.submitted', 'run.completed']);
    const payloads = records.flatMap(({ payload }) => payload ?? []);
    const texts = await Promise.all(
      payloads.map(async (sha256) => gunzipSync(await readFile(join(folder, `${sha256}.gz`))).toString()),
    );
    expect(texts.map((text) => JSON.parse(text) as unknown)).toContainEqual({ name: nameOf(n) });
  }
}, 150_000);
