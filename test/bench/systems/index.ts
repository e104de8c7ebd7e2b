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
  /** The worker process; null where the client process executes the runs itself. */
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

/** Baton first, then what it is compared with, in the order of each round. */
export const SYSTEMS: Record<StoreKind, readonly BenchSystem[]> = {
  mariadb: [baton, bullmq, floor],
  sqlite: [batonEmbedded, bullmq],
};
