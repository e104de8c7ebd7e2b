import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, JsonValue } from '@baton/core';
import { call, type Reply } from '../support/client.js';
import { startBaton, type BatonProcess } from '../support/processes.js';
import { freePort } from '../support/services.js';

/** The embedded default on a folder and a port of its own: one process, SQLite, no Redis. */
export class Baton {
  private constructor(
    readonly url: string,
    private readonly dir: string,
    private readonly env: Record<string, string>,
    private process: BatonProcess,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Baton> {
    const dir = mkdtempSync(join(tmpdir(), 'baton-browser-'));
    // A busy machine makes it late, which is not what pages are tested for.
    const calm = { MAX_EVENT_LOOP_DELAY_MS: '0' };
    const env = { DATA_DIR: dir, QUEUE: 'memory', PORT: String(await freePort()), ...calm, ...settings };
    const process = await startBaton('standalone', env);
    return new Baton(`http://127.0.0.1:${env.PORT}`, dir, env, process);
  }

  /** Calls the API, as the admin unless another token is named. */
  call(method: string, path: string, body?: JsonValue, token = this.env['API_TOKEN_ADMIN']): Promise<Reply> {
    return call(this.url, method, path, body, token === undefined ? {} : { authorization: `Bearer ${token}` });
  }

  /** Publishes a workflow, starts a run of it, and returns the run's id. */
  async startRun(definition: JsonObject, input: JsonValue = {}): Promise<string> {
    const created = await this.call('POST', '/api/v1/workflows', definition);
    if (created.status !== 201) throw new Error(`the workflow was answered ${created.status}: ${JSON.stringify(created.body)}`);
    const started = await this.call('POST', '/api/v1/runs', { workflow: definition['name']!, input });
    if (started.status !== 202) throw new Error(`the run was answered ${started.status}: ${JSON.stringify(started.body)}`);
    return started.body['run_id'] as string;
  }

  /** `kill -9`, the data stays. */
  async kill(): Promise<void> {
    await this.process.kill();
  }

  /** After `kill`: under the same address, on the same data. */
  async startAgain(): Promise<void> {
    this.process = await startBaton('standalone', this.env);
  }

  async stop(): Promise<void> {
    await this.process.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
