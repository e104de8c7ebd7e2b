import {
  abortable,
  BatonError,
  isHeldBack,
  isRateLimited,
  mayRetry,
  retryDelay,
  toErrorInfo,
  type Clock,
  type ErrorInfo,
  type JsonObject,
  type JsonValue,
  type NodeContext,
  type NodeHandler,
  type RetryPolicy,
} from '@baton/core';
import { bodyContext } from './body-context.js';

/** Items of a map wait so long for the turn that a rate limit gives them, in their places. */
const LONGEST_TURN_MS = 60_000;

/** What came of one item, as its step in the journal holds it. */
type ItemOutcome = { output: JsonValue } | { error: ErrorInfo };

interface MapItemsParts {
  items: readonly JsonValue[];
  /** So many done are enough. */
  wanted: number;
  handler: NodeHandler;
  bodyConfig: JsonObject;
  timeoutMs: number | null;
  retry: RetryPolicy;
  concurrency: number;
  /** Whether the failure of an item is one of the results. */
  survives: boolean;
  /** Whether the map fails once `wanted` is out of reach. */
  mustReach: boolean;
  clock: Clock;
  random: () => number;
}

/** The items of one attempt of a map, on their way. */
export class MapItems {
  private readonly outcomes: (ItemOutcome | undefined)[];
  private readonly enough = new AbortController();
  private readonly finished = Promise.withResolvers<void>();
  private readonly signal: AbortSignal;
  private next = 0;
  private done = 0;
  private failed = 0;

  constructor(
    private readonly context: NodeContext,
    private readonly parts: MapItemsParts,
  ) {
    this.outcomes = Array.from({ length: parts.items.length }, () => undefined);
    this.signal = AbortSignal.any([context.signal, this.enough.signal]);
  }

  /** What came of each item; undefined where it was given up, since enough others were done. */
  async execute(): Promise<readonly (ItemOutcome | undefined)[]> {
    const lanes = Array.from({ length: Math.min(this.parts.concurrency, this.parts.items.length) }, () => this.runLane());
    Promise.all(lanes).then(() => this.finished.resolve(), this.finished.reject);
    try {
      await this.finished.promise;
    } finally {
      this.enough.abort(new Error('the map has ended'));
    }
    return this.outcomes;
  }

  /** One item after the other. */
  private async runLane(): Promise<void> {
    while (this.next < this.parts.items.length && !this.signal.aborted) {
      const index = this.next;
      this.next += 1;
      const outcome = await this.context.step(`item:${index}`, () => this.runItem(index) as unknown as Promise<JsonObject>);
      if (!this.enough.signal.aborted) this.take(index, outcome as unknown as ItemOutcome);
    }
  }

  private take(index: number, outcome: ItemOutcome): void {
    const { items, wanted, mustReach } = this.parts;
    this.outcomes[index] = outcome;
    if ('output' in outcome) this.done += 1;
    else this.failed += 1;
    if (mustReach && 'error' in outcome && items.length - this.failed < wanted) {
      const detail = `${this.failed} of ${items.length} items have failed, ${wanted} had to be done: ${outcome.error.message}`;
      throw new BatonError('node_failed', detail, { node_id: this.context.nodeId }, { retryable: false });
    }
    if (this.done < wanted) return;
    this.finished.resolve();
    if (mustReach) this.enough.abort(new Error('enough items are done'));
  }

  /** Until it is done, or has failed for good. */
  private async runItem(index: number): Promise<ItemOutcome> {
    const { retry, survives, clock, random } = this.parts;
    for (let failures = 1; ;) {
      try {
        return { output: await this.tryItem(index, failures) };
      } catch (error) {
        this.signal.throwIfAborted();
        const info = toErrorInfo(error);
        if (isHeldBack(info)) {
          await this.awaitTurn(info, error);
          continue;
        }
        const delayMs = mayRetry(retry, info) ? retryDelay(retry, failures, random(), info.retry_after_ms) : null;
        if (delayMs === null && survives) return { error: info };
        if (delayMs === null) throw error;
        await clock.sleep(delayMs, this.signal);
        this.signal.throwIfAborted();
        failures += 1;
      }
    }
  }

  /** Nothing was called. For a turn that comes soon the item waits, and the others go on; else the whole map does, its finished items kept. */
  private async awaitTurn(info: ErrorInfo, error: unknown): Promise<void> {
    const waitMs = info.retry_after_ms ?? 0;
    if (!isRateLimited(info) || waitMs > LONGEST_TURN_MS) throw error;
    await this.parts.clock.sleep(waitMs, this.signal);
    this.signal.throwIfAborted();
  }

  private async tryItem(index: number, attempt: number): Promise<JsonValue> {
    const { items, handler, bodyConfig, timeoutMs, clock } = this.parts;
    const item = items[index]!;
    const deadline = new AbortController();
    const ended = new AbortController();
    const signal = AbortSignal.any([this.signal, deadline.signal]);
    if (timeoutMs !== null) {
      void clock.sleep(timeoutMs, ended.signal).then(() => {
        if (ended.signal.aborted) return;
        deadline.abort(new BatonError('timeout', `The item took longer than ${timeoutMs} ms.`, { index }));
      });
    }
    const extras = { item, index };
    try {
      const context = bodyContext(this.context, {
        ...{ config: bodyConfig, input: item, extras, signal, mayWait: false },
        steps: `item:${index}`,
        key: String(index),
      });
      // A handler that ignores its signal must not hold up the map.
      return await abortable(handler.execute({ ...context, attempt: this.context.attempt + attempt - 1 }), signal);
    } finally {
      ended.abort();
    }
  }
}
