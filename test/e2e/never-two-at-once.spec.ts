import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, createTask, textOf, type Reply } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';

const POSTS = 50;

describe('50 posts at once for one task, over two APIs', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster({ apis: 2, workers: 3, env: { TEST_HOLD_SECONDS: '2', API_TOKEN_ADMIN: '' } });
  }, 60_000);
  afterAll(() => cluster.stop());

  /** Posts alternately to both APIs; `between` happens in the middle of them. */
  async function storm(taskId: string, between?: () => Promise<unknown>): Promise<Reply[]> {
    const post = (_: unknown, index: number): Promise<Reply> =>
      call(cluster.apis[index % 2]!.url, 'POST', '/run-agents', { id: taskId, title: 'storm' });
    const first = Array.from({ length: POSTS / 2 }, post);
    const disturbance = between?.();
    const second = Array.from({ length: POSTS / 2 }, post);
    const replies = await Promise.all([...first, ...second]);
    await disturbance;
    return replies;
  }

  async function expectOneExecution(taskId: string, replies: readonly Reply[]): Promise<void> {
    const accepted = replies.filter((reply) => reply.status === 202);
    const refused = replies.filter((reply) => reply.status === 409);
    expect([accepted.length, refused.length]).toEqual([1, POSTS - 1]);
    const runId = textOf(accepted[0]!.body, 'run_id');
    expect(new Set(refused.map((reply) => reply.body['live_run_id']))).toEqual(new Set([runId]));
    const task = await eventually(
      async () => {
        const { body } = await call(cluster.apis[0]!.url, 'GET', `/api/tasks/${taskId}`);
        return body['status'] === 'done' ? body : null;
      },
      `task ${taskId} is done`,
      40_000,
    );
    expect(task['last_run_id']).toBe(runId);
    const runs = await call(cluster.apis[1]!.url, 'GET', `/api/v1/runs?task_id=${taskId}`);
    expect(runs.body['items']).toHaveLength(1);
    const journal = await call(cluster.apis[1]!.url, 'GET', `/api/v1/runs/${runId}/journal?limit=1000`);
    const events = journal.body['items'] as { seq: number; type: string }[];
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter((event) => event.type === 'run.completed')).toHaveLength(1);
    expect(events.filter((event) => event.type === 'run.claimed')).toHaveLength(1);
  }

  it('starts one run with Redis up', async () => {
    const taskId = await createTask(cluster.apis[0]!.url, 'Redis up');
    await expectOneExecution(taskId, await storm(taskId));
  }, 60_000);

  it('starts one run with Redis flushed in between', async () => {
    const taskId = await createTask(cluster.apis[0]!.url, 'Redis flushed');
    const { Redis } = await import('ioredis');
    const redis = new Redis(cluster.redis.url);
    const replies = await storm(taskId, () => redis.flushall());
    redis.disconnect();
    await expectOneExecution(taskId, replies);
  }, 60_000);

  it('starts one run with Redis down, and executes it when Redis is back', async () => {
    const taskId = await createTask(cluster.apis[0]!.url, 'Redis down');
    await cluster.killRedis();
    const replies = await storm(taskId);
    await cluster.restartRedis();
    await expectOneExecution(taskId, replies);
  }, 60_000);
});
