import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os';

/** What the figures depend on besides the code. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  kernel: string;
  filesystem: string;
  /** The load average of the minute before: others disturb the figures. */
  loadBefore: number;
  versions: Record<string, string>;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `Linux ${release()} ${arch()}`,
    filesystem: execFileSync('df', ['--output=fstype', tmpdir()], { encoding: 'utf8' }).trim().split('\n')[1]!,
    loadBefore: Math.round(loadavg()[0]! * 100) / 100,
    versions: {
      node: process.version,
      mariadb: versionOf('mariadbd'),
      redis: versionOf('redis-server'),
      bullmq: packageVersion('bullmq'),
      mysql2: packageVersion('mysql2'),
      'better-sqlite3': packageVersion('better-sqlite3'),
      commit: execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim(),
    },
  };
}

/** The machine in one line, under the date. */
export function machineLine({ cpu, cores, memoryGiB, filesystem, loadBefore, versions }: Machine): string {
  const { node, mariadb, redis, commit } = versions;
  return `Measured ${new Date().toISOString().slice(0, 10)}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${filesystem}; load before: ${loadBefore}; node ${node}, mariadb ${mariadb}, redis ${redis}, commit ${commit}.`;
}

function versionOf(server: string): string {
  return /\d+\.\d+\.\d+/.exec(execFileSync(server, ['--version'], { encoding: 'utf8' }))?.[0] ?? 'unknown';
}

function packageVersion(name: string): string {
  const manifest: unknown = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  return (manifest as { version: string }).version;
}
