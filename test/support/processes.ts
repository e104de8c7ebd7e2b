import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort, spawnBound } from './services.js';

/** Tests and scripts run from the project's root. */
const ROOT = process.cwd();

/** A real Baton process of the built tree, with its log in a file. */
export interface BatonProcess {
  readonly app: 'api' | 'worker' | 'standalone';
  readonly child: ChildProcess;
  readonly logFile: string;
  /** Base URL; empty for a worker. */
  readonly url: string;
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for the exit code. */
  terminate(): Promise<number | null>;
}

interface StartOptions {
  /** What the process takes for the name of its host, for others to believe that it runs elsewhere; needs root. */
  host?: string;
}

let built = false;

/** Builds unless the build was made from these very sources. */
function ensureBuilt(): void {
  const script = `await (await import('./scripts/build.mjs')).ensureBuilt(process.cwd())`;
  // Jest says that this is a test, and the console would be built for one.
  const env = { ...process.env, NODE_ENV: undefined };
  if (!built) execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: ROOT, env, stdio: 'pipe' });
  built = true;
}

/** Starts a process and waits until it says that it is ready. The environment is only what is given, and a PATH. */
export async function startBaton(
  app: BatonProcess['app'],
  env: Record<string, string>,
  { host }: StartOptions = {},
): Promise<BatonProcess> {
  ensureBuilt();
  const port = app === 'worker' ? 0 : await freePort();
  const logFile = join(mkdtempSync(join(tmpdir(), `baton-${app}-`)), 'log.jsonl');
  const command = [process.execPath, join(ROOT, `dist/apps/${app}/src/main.js`)];
  const onHost = host === undefined ? command : ['unshare', '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"', host, ...command];
  const child = spawnBound(onHost[0]!, onHost.slice(1), {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(logFile);
  let tail = '';
  let isReady = false;
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk: Buffer) => {
      log.write(chunk);
      const seen = tail + String(chunk);
      // A busy reader gets what a busy worker says in its first seconds at once, and the word stands at its beginning.
      isReady ||= /\bready\b/.test(seen);
      tail = seen.slice(-4_000);
    });
  }
  const ready = (): boolean => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${app} ended: ${tail}`);
    return isReady;
  };
  await eventually(ready, `${app} is ready`, 60_000);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await exited)[0];
  };
  return {
    app,
    child,
    logFile,
    url: app === 'worker' ? '' : `http://127.0.0.1:${port}`,
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM'),
  };
}
