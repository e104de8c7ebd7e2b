import { w1 } from './w1.js';
import type { Workload } from './workload.js';

/** Baton's client posts each run and waits for its result, over HTTP; the yardsticks are those of W1. */
export const w1http: Workload = {
  ...w1,
  name: 'w1http',
  title: 'W1 over REST: 5,000 one-step runs, 200 in flight, each a POST that waits for the result',
  overHttp: ['baton'],
};
