import type { JsonObject, JsonValue } from '@baton/core';
import { call, textOf, type Reply } from './client.js';
import { eventually } from './eventually.js';
import type { SeenEvent } from './journal-checks.js';

const ENDED: readonly unknown[] = ['completed', 'failed', 'cancelled'];

/** A run as its caller sees it, over any of the APIs in turn. */
export class LiveRun {
  private asked = 0;

  private constructor(
    readonly urls: readonly string[],
    readonly id: string,
  ) {}

  static async start(urls: readonly string[], workflow: string, input: JsonValue): Promise<LiveRun> {
    const { body } = await call(urls[0]!, 'POST', '/api/v1/runs', { workflow, input });
    return new LiveRun(urls, textOf(body, 'run_id'));
  }

  /** A run that somebody else has started. */
  static of(urls: readonly string[], id: string): LiveRun {
    return new LiveRun(urls, id);
  }

  async get(path = ''): Promise<JsonObject> {
    return (await this.call('GET', `/api/v1/runs/${this.id}${path}`)).body;
  }

  post(path: string, body: JsonValue = {}): Promise<Reply> {
    return this.call('POST', `/api/v1/runs/${this.id}${path}`, body);
  }

  call(method: string, path: string, body?: JsonValue): Promise<Reply> {
    this.asked += 1;
    return call(this.urls[this.asked % this.urls.length]!, method, path, body);
  }

  async journal(): Promise<SeenEvent[]> {
    return (await this.get('/journal?limit=1000'))['items'] as unknown as SeenEvent[];
  }

  /** What happened to its nodes, without the order: `type node`, sorted. */
  async fates(...types: SeenEvent['type'][]): Promise<string[]> {
    const events = await this.journal();
    return events
      .filter(({ type }) => types.includes(type))
      .map(({ type, node_id: id }) => `${type.slice(5)} ${id}`)
      .sort();
  }

  untilStatus(status: string, boundMs?: number): Promise<JsonObject> {
    return this.until((run) => run['status'] === status, `is ${status}`, boundMs);
  }

  untilEnded(boundMs = 20_000): Promise<JsonObject> {
    return this.until((run) => ENDED.includes(run['status']), 'has ended', boundMs);
  }

  /** Until the run waits for nothing but what the code says. */
  untilWhy(code: string): Promise<unknown> {
    return eventually(async () => (await this.get('/why'))['code'] === code, `run ${this.id}: ${code}`, 20_000);
  }

  private until(holds: (run: JsonObject) => boolean, what: string, boundMs = 20_000): Promise<JsonObject> {
    return eventually(
      async () => {
        const run = await this.get();
        return holds(run) ? run : null;
      },
      `run ${this.id} ${what}`,
      boundMs,
    );
  }
}
