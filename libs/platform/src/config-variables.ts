import { z } from 'zod';
import { agents } from './config-agents.js';
import { blobs, data } from './config-data.js';
import { logs } from './config-logs.js';
import { models } from './config-models.js';
import { outbound } from './config-outbound.js';
import { limits, queue } from './config-queue.js';
import { retrieval } from './config-retrieval.js';
import { retention } from './config-retention.js';
import { access, events, server } from './config-server.js';
import { worker } from './config-worker.js';
import { workflows } from './config-workflows.js';

/** Every variable there is, in the order of the documentation. */
export const CONFIG_GROUPS = {
  Server: server,
  Access: access,
  Data: data,
  Blobs: blobs,
  'Queue and locks': queue,
  Limits: limits,
  Worker: worker,
  Retention: retention,
  'Logs of runs': logs,
  'Outbound calls': outbound,
  Workflows: workflows,
  Retrieval: retrieval,
  Models: models,
  Agents: agents,
  'Live events': events,
} as const;

/** The one schema of the configuration; its input is text by key, as the environment gives it. */
export const ConfigSchema = z.object({
  ...server,
  ...access,
  ...data,
  ...blobs,
  ...queue,
  ...limits,
  ...worker,
  ...retention,
  ...logs,
  ...outbound,
  ...workflows,
  ...retrieval,
  ...models,
  ...agents,
  ...events,
});
