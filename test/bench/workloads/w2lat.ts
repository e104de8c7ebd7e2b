import type { Workload } from './workload.js';

const DRIVE = { runs: 50, steps: 10, inFlight: 1 };

export const w2lat: Workload = {
  name: 'w2lat',
  title: 'W2lat: 50 runs of 10 sequential steps, one in flight, p50 of the whole run',
  unit: 'ms',
  of: 'run',
  better: 'lower',
  async measure(stage) {
    await stage.drive({ ...DRIVE, runs: 2 * DRIVE.runs });
    const measurement = await stage.measure(DRIVE);
    return { value: measurement.result.p50Ms, units: DRIVE.runs, measurement };
  },
};
