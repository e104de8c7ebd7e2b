import type { Workload } from './workload.js';

const DRIVE = { runs: 5_000, steps: 1, inFlight: 200 };

export const w1: Workload = {
  name: 'w1',
  title: 'W1: 5,000 one-step runs, 200 in flight',
  unit: 'runs/s',
  of: 'run',
  better: 'higher',
  async measure(stage) {
    await stage.drive(DRIVE);
    const measurement = await stage.measure(DRIVE);
    return { value: DRIVE.runs / (measurement.result.elapsedMs / 1_000), units: DRIVE.runs, measurement };
  },
};
