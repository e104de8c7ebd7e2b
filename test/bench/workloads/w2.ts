import type { Workload } from './workload.js';

const DRIVE = { runs: 500, steps: 10, inFlight: 200 };
const STEPS = DRIVE.runs * DRIVE.steps;

export const w2: Workload = {
  name: 'w2',
  title: 'W2: 500 runs of 10 sequential steps, each kept, 200 in flight',
  unit: 'steps/s',
  of: 'step',
  better: 'higher',
  async measure(stage) {
    await stage.drive(DRIVE);
    const measurement = await stage.measure(DRIVE);
    return { value: STEPS / (measurement.result.elapsedMs / 1_000), units: STEPS, measurement };
  },
};
