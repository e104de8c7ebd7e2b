import { w1 } from './w1.js';
import { w1lat } from './w1lat.js';
import { w2 } from './w2.js';
import { w2lat } from './w2lat.js';
import type { Workload } from './workload.js';

/** Every workload, in the order in which a round goes through them. */
export const WORKLOADS: readonly Workload[] = [w1, w1lat, w2, w2lat];
