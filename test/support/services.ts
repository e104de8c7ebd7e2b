import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A server that this process started; it ends with this process, also when that is killed. */
export interface Service {
  url: string;
  port: number;
  dir: string;
  child: ChildProcess;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

interface ServiceOptions {
  dir?: string;
  /** Where a fresh folder is made for it. Default: the system's place for temporary files. */
  parent?: string;
  port?: number;
  args?: readonly string[];
}

/** A child that gets SIGKILL when its parent ends, however that ends. */
export function spawnBound(command: string, args: readonly string[], options: Parameters<typeof spawn>[2] = {}): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], { stdio: 'ignore', ...options });
}

/** Below those that the system gives to outgoing connections: none of these takes the port before its server does. */
const PORTS = { from: 15_000, to: 32_000 };

/** A port of loopback on which nobody listens. Drawn at random, for suites run side by side. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('listening', () => resolve(true)).once('error', () => resolve(false));
      server.listen(port, '127.0.0.1');
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** A private Redis with AOF, as production has it. `dir` and `port` of an earlier one restart it with its data. */
export async function startRedis(options: ServiceOptions = {}): Promise<Service> {
  const dir = options.dir ?? mkdtempSync(join(options.parent ?? tmpdir(), 'baton-redis-'));
  const port = options.port ?? (await freePort());
  const durability = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--maxmemory-policy', 'noeviction'];
  const log = join(dir, 'redis.log');
  const child = spawnBound('redis-server', [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--loglevel', 'warning', '--logfile', log],
    ...durability,
    ...(options.args ?? []),
  ]);
  await ready(child, log, () => answers(port, 'PING\r\n', (reply) => reply.startsWith('+PONG')));
  return { url: `redis://127.0.0.1:${port}`, port, dir, child, stop: () => stop(child, dir) };
}

const LOG_SIZE = '--innodb-log-file-size=256M';

/** A folder on the disk of the project, whatever holds other files of tests. Tests and scripts run from the project's root. */
export const CACHE = join(process.cwd(), 'node_modules', '.cache', 'baton');

/** The folder of a MariaDB without any data, installed once for all: that takes seconds, a copy of it does not. */
function installedData(): string {
  const version = execFileSync('mariadbd', ['--version'], { encoding: 'utf8', stdio: 'pipe' });
  const place = join(CACHE, `mariadb-${createHash('sha256').update(version).digest('hex').slice(0, 16)}`);
  if (existsSync(place)) return place;
  mkdirSync(CACHE, { recursive: true });
  const dir = mkdtempSync(join(CACHE, 'installing-'));
  try {
    const install = [
      ...['--no-defaults', `--datadir=${join(dir, 'data')}`, `--tmpdir=${dir}`, '--user=root'],
      ...['--auth-root-authentication-method=normal', '--skip-test-db', LOG_SIZE],
    ];
    execFileSync('mariadb-install-db', install, { stdio: 'pipe' });
    renameSync(join(dir, 'data'), place);
  } catch (error) {
    // Another suite may have been first.
    if (!existsSync(place)) throw error;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return place;
}

function copyInstalled(data: string): void {
  execFileSync('cp', ['--archive', '--sparse=always', installedData(), data], { stdio: 'pipe' });
  // As the server itself makes it: a log with holes is slower.
  execFileSync('fallocate', ['--length', '256M', join(data, 'ib_logfile0')], { stdio: 'pipe' });
}

/** A private MariaDB that flushes at each commit. `dir` and `port` of an earlier one restart it with its data. */
export async function startMariaDb(options: ServiceOptions = {}): Promise<Service> {
  const parent = options.parent ?? tmpdir();
  mkdirSync(parent, { recursive: true });
  const dir = options.dir ?? mkdtempSync(join(parent, 'baton-mariadb-'));
  const port = options.port ?? (await freePort());
  const data = join(dir, 'data');
  const log = join(dir, 'error.log');
  if (options.dir === undefined) copyInstalled(data);
  const child = spawnBound('mariadbd', [
    ...[
      '--no-defaults',
      '--user=root',
      `--datadir=${data}`,
      `--socket=${join(dir, 'm.sock')}`,
      `--pid-file=${join(dir, 'm.pid')}`,
      // Servers that share one folder remove each other's temporary tables.
      `--tmpdir=${dir}`,
    ],
    ...[`--port=${port}`, '--bind-address=127.0.0.1', `--log-error=${log}`, '--skip-name-resolve', '--skip-log-bin'],
    ...['--character-set-server=utf8mb4', '--collation-server=utf8mb4_unicode_ci', '--innodb-flush-log-at-trx-commit=1'],
    ...['--innodb-buffer-pool-size=256M', LOG_SIZE, '--performance-schema=OFF', '--max-connections=500'],
    ...(options.args ?? []),
  ]);
  await ready(child, log, () => answers(port, '', () => true));
  return { url: `mysql://root@127.0.0.1:${port}`, port, dir, child, stop: () => stop(child, dir) };
}

/** SIGSTOP, and waits until no thread runs any more: `kill` returns before they have seen it. Ends with SIGCONT. */
export async function halt(child: ChildProcess): Promise<void> {
  const tasks = `/proc/${child.pid}/task`;
  child.kill('SIGSTOP');
  while (!readdirSync(tasks).every((task) => isStopped(`${tasks}/${task}`))) await pause(1);
}

/** A thread that ends meanwhile is looked for once more. */
function isStopped(task: string): boolean {
  try {
    return /\) [tT] /.test(readFileSync(`${task}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function ready(child: ChildProcess, log: string, probe: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await probe())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`${child.spawnargs.slice(3, 4).join()} did not start: ${readFileSync(log, 'utf8').slice(-800)}`);
    }
    await pause(5);
  }
}

function answers(port: number, request: string, accept: (reply: string) => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => finish(false));
    socket.once('data', (reply) => finish(accept(String(reply))));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}

async function stop(child: ChildProcess, dir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await exited;
  }
  rmSync(dir, { recursive: true, force: true });
}
