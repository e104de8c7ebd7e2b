import type { Workload } from './workload.js';

const DRIVE = { runs: 300, steps: 1, inFlight: 1 };

export const w1lat: Workload = {
  name: 'w1lat',
  title: 'W1lat: 300 one-step runs, one in flight, p50 from submission to done',
  unit: 'ms',
  of: 'run',
  better: 'lower',
  async measure(stage) {
    await stage.drive(DRIVE);
    const measurement = await stage.measure(DRIVE);
    return { value: measurement.result.p50Ms, units: DRIVE.runs, measurement };
  },
};
