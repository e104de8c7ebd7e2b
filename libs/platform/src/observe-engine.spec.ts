import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from './logging.js';
import { Metrics } from './metrics.js';
import { observeEngine } from './observe-engine.js';
import { Sentinels } from './sentinels.js';

describe('what the engine tells', () => {
  const dir = mkdtempSync(join(tmpdir(), 'baton-observed-'));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('counts circuits that open, and says of what', async () => {
    const lines: string[] = [];
    const log = createLogger({ logLevel: 'info', role: 'worker' }, { write: (line) => void lines.push(line) });
    const metrics = new Metrics();
    const observer = observeEngine(metrics, log, null);
    const key = { tenantId: 'default', target: 'https://a.test' };
    observer.circuitOpened({ ...key, failures: 5, lastError: 'answered 503', ms: 30_000 });
    observer.circuitClosed(key);
    expect(await metrics.render()).toContain('baton_circuits_opened_total 1');
    expect(lines.filter((line) => line.includes('https://a.test'))).toHaveLength(2);
  });

  it('says how long a node took to a tenth of a millisecond', () => {
    const lines: string[] = [];
    const log = createLogger({ logLevel: 'info', role: 'worker' }, { write: (line) => void lines.push(line) });
    const ids = { runId: 'r', taskId: null, nodeId: 'n', type: 'echo' };
    observeEngine(new Metrics(), log, null).nodeEnded({ ...ids, outcome: 'failed', ms: 6.938609 });
    expect(lines.map((line) => (JSON.parse(line) as { ms: number }).ms)).toEqual([6.9]);
  });

  it('counts attempts that called nothing, and measures how long runs wait for a worker', async () => {
    const metrics = new Metrics();
    const observer = observeEngine(metrics, createLogger({ logLevel: 'silent', role: 'worker' }), null);
    const node = { runId: 'r', taskId: null, nodeId: 'n', type: 'agent', ms: 1 };
    for (const code of ['circuit_open', 'rate_limited', 'model_failed'])
      observer.nodeEnded({ ...node, outcome: 'failed', error: { code, message: code } });
    observer.runClaimed({ runId: 'r', taskId: null, epoch: 1, workerId: 'w', queuedMs: 250 });
    observer.runClaimed({ runId: 'r', taskId: null, epoch: 2, workerId: 'w', queuedMs: null });
    const text = await metrics.render();
    expect(text).toContain('baton_nodes_held_back_total{type="agent",reason="circuit_open"} 1');
    expect(text).toContain('baton_nodes_held_back_total{type="agent",reason="rate_limited"} 1');
    expect(text).not.toContain('reason="model_failed"');
    expect(text).toContain('baton_run_queue_seconds_sum 0.25');
    expect(text).toContain('baton_run_queue_seconds_count 1');
  });

  it('fails no request where a sentinel cannot be written', async () => {
    const lines: string[] = [];
    const log = createLogger({ logLevel: 'info', role: 'api' }, { write: (line) => void lines.push(line) });
    const metrics = new Metrics();
    const observer = observeEngine(metrics, log, new Sentinels(dir));
    rmSync(dir, { recursive: true });
    observer.submitAcquired({ taskId: '7', runId: 'r', method: 'redis', tokenLength: 32 });
    expect(lines.join('')).toContain('A sentinel could not be written');
    expect(await metrics.render()).toContain('baton_lock_acquired_total{operation="submit",method="redis"} 1');
  });
});
