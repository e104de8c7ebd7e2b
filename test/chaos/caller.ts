import { setTimeout as pause } from 'node:timers/promises';
import type { JsonObject, JsonValue } from '@baton/core';
import { textOf } from '../support/client.js';
import type { Chance } from './chance.js';

/** How one HTTP call went. `failed`: refused, nothing was done; `unknown`: no answer, so the caller must ask again. */
export interface Operation {
  method: string;
  path: string;
  at: number;
  ms: number;
  outcome: 'ok' | 'failed' | 'unknown';
  status: number | null;
  retryAfter: string | null;
  detail: string;
}

/** A run that Baton has answered 202 for. */
export interface Acknowledged {
  runId: string;
  workflow: string | null;
  taskId: string | null;
  at: number;
}

interface Answer {
  operation: Operation;
  body: JsonObject;
}

/** Longer than any call may take, so that one that takes too long is seen to. */
const CALL_BOUND_MS = 8_000;

/** Drives the APIs as a careful caller does: it asks again after no answer, with the same Idempotency-Key. */
export class Caller {
  readonly operations: Operation[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** Findings that only the caller can see, such as two answers that contradict each other. */
  readonly contradictions: string[] = [];
  private keys = 0;

  constructor(
    private readonly urls: () => readonly string[],
    private readonly chance: Chance,
    private readonly name: string,
    /** How long it asks again before it gives up: longer than any outage, or what it leaves undone looks lost. */
    private readonly patienceMs: number,
  ) {}

  /** Starts a run of a workflow, however often it has to ask; null when nobody accepted it. */
  async startRun(workflow: string): Promise<string | null> {
    const reply = await this.insist('POST', '/api/v1/runs', { workflow, input: {} }, this.newKey());
    if (reply?.operation.status !== 202) return null;
    return this.acknowledge(reply.body, workflow, null);
  }

  /** Creates a task and starts it several times at once: at most one run of it may live at a time. */
  async startTaskAtOnce(times: number): Promise<void> {
    const created = await this.insist('POST', '/api/tasks', { title: 'What does Baton promise?' }, this.newKey());
    const taskId = created?.body['id'];
    if (typeof taskId !== 'string') return;
    await Promise.all(
      Array.from({ length: times }, async () => {
        const reply = await this.insist('POST', `/api/v1/tasks/${taskId}/runs`, {}, this.newKey());
        if (reply?.operation.status === 202) this.acknowledge(reply.body, null, taskId);
      }),
    );
  }

  /** Waits until the run asks, as one who looks at the list now and then, and approves. */
  async approve(runId: string): Promise<void> {
    const givesUpAt = performance.now() + this.patienceMs;
    while (performance.now() < givesUpAt) {
      const { body } = await this.call('GET', `/api/v1/approvals?run_id=${runId}`);
      const [open] = (body['items'] ?? []) as { id: string }[];
      if (open !== undefined)
        return void (await this.insist('POST', `/api/v1/approvals/${open.id}/decide`, { decision: 'approve' }));
      await pause(200);
    }
    this.contradictions.push(`run ${runId} was acknowledged, and has never asked`);
  }

  /** Tells a run something, however often it has to ask: `pause`, `events` and the like. Whether it was taken. */
  async tell(runId: string, what: string, body: JsonObject = {}): Promise<boolean> {
    const reply = await this.insist('POST', `/api/v1/runs/${runId}/${what}`, body);
    const status = reply?.operation.status ?? null;
    if (status === 409) this.contradictions.push(`run ${runId} refused ${what}: ${JSON.stringify(reply!.body)}`);
    return status !== null && status < 300;
  }

  /** Reads a run that was acknowledged: an API must know it. */
  async readOne(): Promise<void> {
    if (this.acknowledged.length === 0) return;
    const { runId } = this.chance.pick(this.acknowledged);
    const { operation } = await this.call('GET', `/api/v1/runs/${runId}`);
    if (operation.status === 404) this.contradictions.push(`run ${runId} was acknowledged, and then answered 404`);
  }

  private acknowledge(body: JsonObject, workflow: string | null, taskId: string | null): string {
    const runId = textOf(body, 'run_id');
    this.acknowledged.push({ runId, workflow, taskId, at: Date.now() });
    return runId;
  }

  private newKey(): string {
    this.keys += 1;
    return `${this.name}-${this.keys}`;
  }

  private async insist(method: string, path: string, body: JsonValue, key?: string): Promise<Answer | null> {
    const givesUpAt = performance.now() + this.patienceMs;
    for (let tries = 1; performance.now() < givesUpAt; tries += 1) {
      const answer = await this.call(method, path, body, key);
      const { outcome, status } = answer.operation;
      if (outcome === 'ok') return answer;
      if (outcome === 'failed' && status !== null && status !== 503 && status !== 429) return null;
      await pause(Math.min(2_000, 100 * 2 ** Math.min(tries, 5)) * (0.5 + Math.random() / 2));
    }
    return null;
  }

  private async call(method: string, path: string, body?: JsonValue, key?: string): Promise<Answer> {
    const url = await this.findApi();
    const at = Date.now();
    const startedAt = performance.now();
    const entry = (outcome: Operation['outcome'], rest: Partial<Operation>): Operation => {
      const ms = Math.round(performance.now() - startedAt);
      const operation = { method, path, at, ms, outcome, status: null, retryAfter: null, detail: '', ...rest };
      this.operations.push(operation);
      return operation;
    };
    const headers = {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    try {
      const response = await fetch(url + path, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(CALL_BOUND_MS),
      });
      const answer = JSON.parse(await response.text()) as JsonObject;
      const { status } = response;
      const outcome = status < 300 || status === 409 ? 'ok' : 'failed';
      const detail = outcome === 'ok' ? '' : JSON.stringify(answer).slice(0, 300);
      return { operation: entry(outcome, { status, retryAfter: response.headers.get('retry-after'), detail }), body: answer };
    } catch (error) {
      const { cause } = error as { cause?: { code?: string } };
      const refused = cause?.code === 'ECONNREFUSED';
      return { operation: entry(refused ? 'failed' : 'unknown', { detail: cause?.code ?? String(error) }), body: {} };
    }
  }

  /** While every API is down there is nobody to call. */
  private async findApi(): Promise<string> {
    for (;;) {
      const urls = this.urls();
      if (urls.length > 0) return this.chance.pick(urls);
      await pause(50);
    }
  }
}
