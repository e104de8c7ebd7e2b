import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, createTask, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { journalViolations, type SeenEvent } from '../support/journal-checks.js';
import { startBaton, type BatonProcess } from '../support/processes.js';

describe.each([
  { queue: 'memory', what: 'the in-process queue' },
  { queue: 'bullmq', what: 'a private Redis' },
])('Baton in one process, on SQLite and $what', ({ queue }) => {
  const dir = mkdtempSync(join(tmpdir(), 'baton-standalone-'));
  const env = { DATA_DIR: dir, QUEUE: queue === 'memory' ? 'memory' : 'auto' };
  let baton: BatonProcess;

  beforeAll(async () => {
    // What earlier starts have left.
    rmSync('dist/.compile-cache', { recursive: true, force: true, maxRetries: 5 });
    baton = await startBaton('standalone', { ...env, TEST_HOLD_SECONDS: '60', SHUTDOWN_GRACE_MS: '500' });
  }, 60_000);
  afterAll(async () => {
    await baton.kill();
    rmSync(dir, { recursive: true, force: true });
  });

  it('leaves to the next start what was compiled for this one', async () => {
    const kept = (): string[] => readdirSync('dist', { recursive: true, encoding: 'utf8' });
    await eventually(() => kept().some((path) => /^\.compile-cache\/.+\//.test(path)), 'compiled code is kept');
  });

  it('answers a question about documents that it was given', async () => {
    const text = '# Lighthouses\n\nThe keeper of the lighthouse trims the lamp at dusk.';
    await call(baton.url, 'POST', '/api/ingest', { text, media_type: 'text/markdown' });
    const found = await call(baton.url, 'POST', '/api/search', { query: 'Who trims the lamp?' });
    expect(found.body['items']).toEqual([expect.objectContaining({ text: expect.stringContaining('keeper of the lighthouse') })]);
  });

  it('ends with a signal in the middle of a run, and the next start continues it', async () => {
    const taskId = await createTask(baton.url, 'Who trims the lamp at dusk?');
    const started = await call(baton.url, 'POST', '/run-agents', { id: taskId });
    const runId = textOf(started.body, 'run_id');
    await eventually(
      async () => (await call(baton.url, 'GET', `/api/v1/runs/${runId}`)).body['status'] === 'running',
      'the run is held',
    );
    expect(await baton.terminate()).toBe(0);

    baton = await startBaton('standalone', env);
    const task = await eventually(async () => {
      const { body } = await call(baton.url, 'GET', `/api/tasks/${taskId}`);
      return body['status'] === 'done' ? body : null;
    }, 'the task is done');
    expect(task['last_run_id']).toBe(runId);
    const { body } = await call(baton.url, 'GET', `/api/v1/runs/${runId}/journal?limit=1000`);
    expect(journalViolations(runId, body['items'] as unknown as SeenEvent[])).toEqual([]);
    const run = await call(baton.url, 'GET', `/api/v1/runs/${runId}`);
    expect(run.body['output']).toMatchObject({ answer: expect.stringContaining('keeper of the lighthouse trims the lamp') });
  }, 60_000);
});
