import { w1 } from './w1.js';
import { w1lat } from './w1lat.js';
import { w1http } from './w1http.js';
import { w2 } from './w2.js';
import { w2lat } from './w2lat.js';
import { w3 } from './w3.js';
import { w4 } from './w4.js';
import type { Workload } from './workload.js';

/** Every workload, in the order in which a round goes through them. */
export const WORKLOADS: readonly Workload[] = [w1, w1lat, w1http, w2, w2lat, w3, w4];
