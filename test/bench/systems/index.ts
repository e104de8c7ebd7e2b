import type { StageAddress } from '../bench-client.js';
import { batonEnvironment } from './baton-environment.js';

export const STORES = ['mariadb', 'sqlite'] as const;
export type StoreKind = (typeof STORES)[number];

/** How a process of a system is started. */
export interface Launch {
  script: string;
  args?: readonly string[];
  environment?: Readonly<Record<string, string>>;
}

/** One side of the comparison: which processes make it up. */
export interface BenchSystem {
  name: string;
  title: string;
  /** The module that gives the client process its `connect`. */
  client: string;
  /** An API process, which answers `GET /ready` with 200 once it is; absent where the client needs none. */
  api?: (address: StageAddress, port: number) => Launch;
  /** The worker process; null where another process executes the runs. */
  worker: ((address: StageAddress) => Launch) | null;
  /** Which of the stage's servers it uses. */
  uses: readonly ('mariadb' | 'redis')[];
}

const script = (path: string): string => new URL(path, import.meta.url).pathname;

/** `apps/worker` as it is built for production, with its defaults but for the concurrency that all systems get here. */
const baton: BenchSystem = {
  name: 'baton',
  title: 'Baton (MariaDB + Redis)',
  client: script('./baton-client.js'),
  worker: (address) => ({
    script: script('../../../apps/worker/src/main.js'),
    environment: batonEnvironment(address, 'bullmq'),
  }),
  uses: ['mariadb', 'redis'],
};

const batonEmbedded: BenchSystem = {
  name: 'baton',
  title: 'Baton (embedded: SQLite FULL, in-process queue)',
  client: script('./baton-embedded.js'),
  worker: null,
  uses: [],
};

const bullmq: BenchSystem = {
  name: 'bullmq',
  title: 'raw BullMQ (AOF everysec)',
  client: script('./bullmq-client.js'),
  worker: (address) => ({ script: script('./bullmq-worker.js'), args: [JSON.stringify(address)] }),
  uses: ['redis'],
};

const floor: BenchSystem = {
  name: 'floor',
  title: 'floor (group-committed journal on MariaDB)',
  client: script('./floor-client.js'),
  worker: (address) => ({ script: script('./floor-worker.js'), args: [JSON.stringify(address)] }),
  uses: ['mariadb', 'redis'],
};

/** Without the guard that refuses crowds of starts: what is measured is how long they take, also on a machine that is busy. */
const environmentOn = (environment: Record<string, string>, port: number): Record<string, string> => ({
  ...environment,
  PORT: String(port),
  MAX_START_DELAY_MS: '0',
});

const batonOverHttp: BenchSystem = {
  ...baton,
  title: 'Baton over HTTP (MariaDB + Redis)',
  client: script('./http-client.js'),
  api: (address, port) => ({
    script: script('../../../apps/api/src/main.js'),
    environment: environmentOn(batonEnvironment(address, 'bullmq'), port),
  }),
};

const batonEmbeddedOverHttp: BenchSystem = {
  ...batonEmbedded,
  title: 'Baton over HTTP (embedded: SQLite FULL, in-process queue)',
  client: script('./http-client.js'),
  api: (address, port) => ({
    script: script('../../../apps/standalone/src/main.js'),
    environment: environmentOn(batonEnvironment(address, 'memory'), port),
  }),
};

const bullmqOverHttp: BenchSystem = {
  ...bullmq,
  title: 'bare HTTP server and BullMQ add (AOF everysec)',
  client: script('./http-client.js'),
  api: (address, port) => ({ script: script('./bullmq-server.js'), args: [JSON.stringify(address), String(port)] }),
};

const floorOverHttp: BenchSystem = {
  ...floor,
  title: 'bare HTTP server and the floor',
  client: script('./http-client.js'),
  api: (address, port) => ({ script: script('./floor-server.js'), args: [JSON.stringify(address), String(port)] }),
};

/** The same systems where their clients speak HTTP. */
export const SYSTEMS_OVER_HTTP: Record<StoreKind, readonly BenchSystem[]> = {
  mariadb: [batonOverHttp, bullmqOverHttp, floorOverHttp],
  sqlite: [batonEmbeddedOverHttp, bullmqOverHttp],
};

/** Baton first, then what it is compared with, in the order of each round. */
export const SYSTEMS: Record<StoreKind, readonly BenchSystem[]> = {
  mariadb: [baton, bullmq, floor],
  sqlite: [batonEmbedded, bullmq],
};
