import type { BenchClient, StageAddress } from '../bench-client.js';
import { batonEnvironment } from './baton-environment.js';
import { openBaton } from './baton-process.js';

/** Submits as the API process does; one worker process executes. */
export function connect(address: StageAddress): Promise<BenchClient> {
  return openBaton('api', batonEnvironment(address, 'bullmq'), []);
}
