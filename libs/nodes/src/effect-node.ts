import { setTimeout as pause } from 'node:timers/promises';
import { NodeHandler, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';

const EffectConfig = z.strictObject({
  /** Milliseconds that it works before the effect. */
  delay_ms: z.int().min(0).max(3_600_000).default(0),
  /** Attempts that fail before they have an effect. */
  fail_attempts: z.int().min(0).max(1_000).default(0),
  /** Milliseconds for which the first attempt blocks its worker's event loop before the effect. */
  block_ms: z.int().min(0).max(600_000).default(0),
  /** How each attempt takes its worker down before the effect. */
  crash: z.enum(['abort', 'memory']).optional(),
});

/**
 * Has an effect outside Baton: posts who it is and its idempotency key to a sink, which tells chaos tests what was done and how often. Workers
 * have it only where a sink is configured.
 */
export class EffectNode extends NodeHandler {
  readonly type = 'effect';

  constructor(private readonly sinkUrl: string) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const { delay_ms: delayMs, fail_attempts: failing, block_ms: blockMs, crash } = parseConfig(context, EffectConfig);
    const { runId, nodeId, attempt, idempotencyKey, signal } = context;
    if (delayMs > 0) await pause(delayMs, undefined, { signal });
    if (attempt === 1) block(blockMs);
    if (crash === 'abort') process.abort();
    if (crash === 'memory') exhaustMemory();
    if (attempt <= failing) throw new Error(`attempt ${attempt} is to fail`);
    const response = await fetch(this.sinkUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
      body: JSON.stringify({ run_id: runId, node_id: nodeId, attempt }),
      signal,
    });
    if (!response.ok) throw new Error(`the sink answered ${response.status}`);
    await response.body?.cancel();
    return { attempt };
  }
}

function block(ms: number): void {
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt);
}

function exhaustMemory(): never {
  const kept: number[][] = [];
  for (;;) kept.push(Array.from({ length: 1_000_000 }, (_, index) => index));
}
