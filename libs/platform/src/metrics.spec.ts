import { describe, expect, it } from '@jest/globals';
import { Metrics } from './metrics.js';

async function linesOf(metrics: Metrics): Promise<string[]> {
  return (await metrics.render()).split('\n');
}

describe('metrics', () => {
  it('counts what happens to runs, locks and documents', async () => {
    const metrics = new Metrics();
    metrics.countEnqueued();
    metrics.observeRun('completed', 1_500);
    metrics.countIngested(3);
    metrics.countLockAcquired('submit', 'redis');
    metrics.countLockConflict('submit', 'upfront');
    metrics.countWakerPass({ found: 5, enqueued: 4, raised: 1 });
    metrics.countLeaseRenewal('lost');
    metrics.observeCommit(2, 40);
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'baton_tasks_enqueued_total 1',
        'baton_agent_runs_total{status="completed"} 1',
        'baton_run_duration_seconds_sum{status="completed"} 1.5',
        'baton_ingests_total 3',
        'baton_lock_acquired_total{operation="submit",method="redis"} 1',
        'baton_lock_conflicts_total{operation="submit",method="upfront"} 1',
        'baton_waker_runs_total{action="found"} 5',
        'baton_waker_runs_total{action="raised"} 1',
        'baton_lease_renewals_total{outcome="lost"} 1',
        'baton_commit_duration_seconds_sum 0.002',
        'baton_commit_batch_size_bucket{le="50"} 1',
      ]),
    );
  });

  it('counts calls of models: tokens, money, failures', async () => {
    const metrics = new Metrics();
    metrics.countModelCall('groq/big', 'answered', { promptTokens: 100, completionTokens: 20, cachedTokens: 64, costMicros: 7 });
    metrics.countModelCall('groq/big', 'failed', { promptTokens: 0, completionTokens: 0 });
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'baton_model_calls_total{model="groq/big",outcome="answered"} 1',
        'baton_model_calls_total{model="groq/big",outcome="failed"} 1',
        'baton_model_tokens_total{model="groq/big",kind="prompt"} 100',
        'baton_model_tokens_total{model="groq/big",kind="cached"} 64',
        'baton_model_tokens_total{model="groq/big",kind="completion"} 20',
        'baton_model_cost_micros_total{model="groq/big"} 7',
      ]),
    );
  });

  it('follows the streams that are open', async () => {
    const metrics = new Metrics();
    metrics.streamOpened();
    metrics.streamOpened();
    metrics.streamClosed();
    expect(await linesOf(metrics)).toContain('baton_sse_clients 1');
  });

  it('reads gauges at each scrape, and leaves out what cannot be read', async () => {
    const metrics = new Metrics();
    let answer = async () => ({ waiting: 7, active: 1, delayed: 0, failed: 0 });
    metrics.registerCollector('queueDepth', () => answer());
    metrics.registerCollector('runs', async () => ({ running: 2 }));
    metrics.registerCollector('parts', async () => ({ sql: 1, queue: 0 }));
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'baton_queue_depth{state="waiting"} 7',
        'baton_runs{status="running"} 2',
        'baton_part_up{part="queue"} 0',
      ]),
    );
    answer = async () => Promise.reject(new Error('Redis is away'));
    const lines = await linesOf(metrics);
    expect(lines.filter((line) => line.startsWith('baton_queue_depth{'))).toEqual([]);
    expect(lines).toContain('baton_runs{status="running"} 2');
    expect(lines).toContain('baton_collect_failures_total{gauge="queueDepth"} 1');
  });

  it('keeps the values of a label few', async () => {
    const metrics = new Metrics();
    for (let type = 0; type < 150; type += 1) metrics.observeNode(`type-${type}`, 'completed', 1);
    const lines = (await linesOf(metrics)).filter((line) => line.startsWith('baton_node_duration_seconds_count'));
    expect(lines).toHaveLength(101);
    expect(lines).toContain('baton_node_duration_seconds_count{type="other",outcome="completed"} 50');
  });

  it('tells of the process itself, and names the sources’ counters', async () => {
    const text = await new Metrics().render();
    for (const name of [
      'nodejs_eventloop_lag_p99_seconds',
      'process_resident_memory_bytes',
      'TASKS_ENQUEUED',
      'AGENT_RUNS',
      'INGEST_COUNTER',
    ]) {
      expect(text).toContain(name);
    }
  });

  it('has a registry of its own', async () => {
    new Metrics().countEnqueued();
    expect(await linesOf(new Metrics())).toContain('baton_tasks_enqueued_total 0');
  });
});
