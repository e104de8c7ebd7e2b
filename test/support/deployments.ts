import { startApi } from './api-server.js';
import { startCluster } from './cluster.js';

/** A running Baton that a test need not know more of. */
export interface Deployment {
  /** The base URLs of its APIs: whichever is asked, the answer is the same. */
  urls: readonly string[];
  stop(): Promise<void>;
}

/** The two ways to run Baton between which nothing may differ. */
export const DEPLOYMENTS: readonly [string, (env: Record<string, string>) => Promise<Deployment>][] = [
  [
    'in one process on SQLite and the in-process queue',
    async (env) => {
      const api = await startApi({ worker: true, env });
      return { urls: [api.url], stop: () => api.close() };
    },
  ],
  [
    'on MariaDB and BullMQ, in two APIs and three workers',
    async (env) => {
      const cluster = await startCluster({ apis: 2, workers: 3, env });
      return { urls: cluster.apis.map(({ url }) => url), stop: () => cluster.stop() };
    },
  ],
];
