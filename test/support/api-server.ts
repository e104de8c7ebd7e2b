import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLogger, loadConfig, newInstanceId, type Environment } from '@baton/platform';
import { createApiApp, listen } from '../../apps/api/src/index.js';
import { WorkerModule } from '../../apps/worker/src/index.js';

/** An API in this process, over HTTP on a port of its own, on SQLite and the in-process queue unless told otherwise. */
export interface ApiServer {
  app: NestFastifyApplication;
  url: string;
  port: number;
  dir: string;
  /** The lines that it logged. */
  log: Record<string, unknown>[];
  close(): Promise<void>;
}

export interface ApiServerOptions {
  env?: Environment;
  /** Executes runs in the same process. */
  worker?: boolean;
}

/** Jest compiles in the same process, and makes the event loop late: that is no load of the API. */
const NEVER_LATE = { MAX_EVENT_LOOP_DELAY_MS: '0' };

export async function startApi({ env = {}, worker = false }: ApiServerOptions = {}): Promise<ApiServer> {
  const dir = mkdtempSync(join(tmpdir(), 'baton-api-'));
  const config = loadConfig('standalone', { DATA_DIR: dir, QUEUE: 'memory', ...NEVER_LATE, ...env });
  const log: Record<string, unknown>[] = [];
  const write = (line: string): void => void log.push(JSON.parse(line) as Record<string, unknown>);
  const options = { config, logger: createLogger(config, { write }), instanceId: newInstanceId() };
  const app = await createApiApp(options, worker ? [WorkerModule] : []);
  await listen(app, { ...config, port: 0, host: '127.0.0.1' });
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const close = async (): Promise<void> => {
    await app.close();
    const unclean = log.filter((line) => line['msg'] === 'A part did not close cleanly');
    if (unclean.length > 0) throw new Error(JSON.stringify(unclean));
    rmSync(dir, { recursive: true, force: true });
  };
  return { app, url, port: Number(new URL(url).port), dir, log, close };
}

/** Sends exactly these bytes as a request, as no HTTP client would, and returns the status and everything that came back. */
export async function sendRaw(port: number, request: string): Promise<{ status: number; text: string }> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.write(request);
  await once(socket, 'close');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text };
}

/** A raw request without a body that closes its connection. */
export function rawRequest(method: string, target: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries({ host: 'localhost', connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}
