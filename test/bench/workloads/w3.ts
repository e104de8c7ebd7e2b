import type { Workload } from './workload.js';

const DRIVE = { runs: 20, steps: 100, inFlight: 20, shape: 'fan' } as const;
const STEPS = DRIVE.runs * DRIVE.steps;
/** Drives to warm up: one is over in a few hundred milliseconds. */
const WARM_UPS = 3;

export const w3: Workload = {
  name: 'w3',
  title: 'W3: 20 runs that fan out to 100 parallel steps and join',
  unit: 'steps/s',
  of: 'step',
  better: 'higher',
  async measure(stage) {
    for (let time = 0; time < WARM_UPS; time++) await stage.drive(DRIVE);
    const measurement = await stage.measure(DRIVE);
    return { value: STEPS / (measurement.result.elapsedMs / 1_000), units: STEPS, measurement };
  },
};
