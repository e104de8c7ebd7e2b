import type { Workload } from './workload.js';

const DRIVE = { runs: 20_000, steps: 1, inFlight: 64, until: 'accepted' } as const;

/** No worker: what is accepted waits in the queue, and has the cores to itself until then. */
export const w4: Workload = {
  name: 'w4',
  title: 'W4: 20,000 submissions over HTTP, 64 connections, each answered when it is durable',
  unit: 'requests/s',
  of: 'request',
  better: 'higher',
  overHttp: ['baton', 'bullmq', 'floor'],
  workers: 0,
  async measure(stage) {
    await stage.drive(DRIVE);
    const measurement = await stage.measure(DRIVE);
    return { value: DRIVE.runs / (measurement.result.elapsedMs / 1_000), units: DRIVE.runs, measurement };
  },
};
