import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { SqlUploadStore, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { uploadFor } from '../support/uploads.js';

describe.each(DATABASE_KINDS)('UploadStore on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let database: Database;
  let uploads: SqlUploadStore;

  beforeEach(async () => {
    database = await (await bench.fresh()).open();
    uploads = new SqlUploadStore(database);
  });
  afterEach(() => bench.closeAll());
  afterAll(() => bench.stop());

  test('gives back the uploads of a run in order, however often they were added', async () => {
    const runId = randomUUID();
    const refusal = { code: 'payload_too_large', message: 'too large' };
    const files = [
      ...Array.from({ length: 250 }, (_, position) => uploadFor({ runId, position, name: `f${position}` })),
      uploadFor({ runId, position: 250, name: null, mediaType: null, digest: null, refusal }),
    ];
    await uploads.add(files.toReversed());
    await uploads.add(files);
    await uploads.add([uploadFor()]);
    expect(await uploads.list(runId, { from: 0, limit: 1_000 })).toEqual(files);
    expect(await uploads.list(runId, { from: 249, limit: 1 })).toEqual([files[249]]);
  });

  test('forgets the uploads of a run, and says once what they referred to', async () => {
    const runId = randomUUID();
    await uploads.add([uploadFor({ runId }), uploadFor({ runId, position: 1 }), uploadFor({ runId, position: 2, digest: null })]);
    expect(await uploads.remove(runId)).toEqual([{ tenantId: 'default', digest: 'd'.repeat(64) }]);
    expect(await uploads.remove(runId)).toEqual([]);
    expect(await uploads.list(runId, { from: 0, limit: 9 })).toEqual([]);
  });

  test('finds what no run wants any more', async () => {
    const [live, ended, never, young] = ['live', 'ended', 'never', 'young'];
    for (const [id, status] of [
      [live, 'waiting'],
      [ended, 'failed'],
    ]) {
      await database.write({
        sql: `INSERT INTO runs (id, workflow_id, workflow_name, workflow_version, workflow_digest, status, input, seq, created_at)
              VALUES (?, 'w', 'w', 1, 'w', ?, 'null', 1, 1)`,
        values: [id, status],
      });
    }
    for (const runId of [live, ended, never]) await uploads.add([uploadFor({ runId }), uploadFor({ runId, position: 1 })]);
    await uploads.add([uploadFor({ runId: young, createdAt: 3_000 })]);
    expect((await uploads.findAbandoned(2_000, 9)).toSorted()).toEqual([ended, never]);
    expect(await uploads.findAbandoned(2_000, 1)).toHaveLength(1);
  });
});
