import { WorkerModule } from '../../../apps/worker/src/index.js';
import type { BenchClient, StageAddress } from '../bench-client.js';
import { batonEnvironment } from './baton-environment.js';
import { openBaton } from './baton-process.js';

/** Submission, queue, worker and database in one process, as `npm start` has them without Redis. */
export function connect(address: StageAddress): Promise<BenchClient> {
  return openBaton('standalone', batonEnvironment(address, 'memory'), [WorkerModule]);
}
