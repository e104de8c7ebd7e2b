import type { Measurement, Stage } from '../stage.js';

/** What one measurement of one system says. */
export interface Figure {
  /** In the workload's unit. */
  value: number;
  /** Units of work (runs or steps) behind it: costs are told per unit. */
  units: number;
  measurement: Measurement;
}

/** One line of the comparison. A file each; `index.ts` lists them. */
export interface Workload {
  name: string;
  title: string;
  unit: string;
  /** What a unit of work is called. */
  of: 'run' | 'step';
  better: 'higher' | 'lower';
  /** Warms the system up and measures it once, on a stage of its own. */
  measure(stage: Stage): Promise<Figure>;
}
