import type { Measurement, Stage } from '../stage.js';
import type { BenchSystem } from '../systems/index.js';

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
  of: 'run' | 'step' | 'request';
  better: 'higher' | 'lower';
  /** The systems, by name, whose clients speak HTTP here; absent: none. */
  overHttp?: readonly BenchSystem['name'][];
  /** Worker processes; one when absent. */
  workers?: number;
  /** Warms the system up and measures it once, on a stage of its own. */
  measure(stage: Stage): Promise<Figure>;
}
