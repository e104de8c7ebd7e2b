/** The crash windows of docs/architecture.md, by where the code stands in them. */
export const FAULT_POINTS = [
  'submit.beforeCommit',
  'submit.afterCommit',
  'submit.afterDispatch',
  'commit.beforeCommit',
  'commit.afterCommit',
  'advance.afterLock',
  'advance.afterClaim',
  'advance.afterEffect',
  'advance.beforeAppend',
  'advance.afterAppend',
  'advance.afterPark',
  'advance.afterEnd',
  'handBack.afterCommit',
  'signal.afterCommit',
  'wake.afterRaise',
  'pool.afterTake',
  'pool.afterStep',
  'pool.afterEffect',
  'remove.afterArchive',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

/** A fault point, at which pass of it the fault strikes, counted from 1, and whether the process then dies or is stopped until it is told to go on. */
export interface ArmedFaultPoint {
  readonly point: FaultPoint;
  readonly pass: number;
  readonly fault: 'kill' | 'stop';
}

let passes: ((point: FaultPoint) => void) | null = null;

/** Marks a crash window, so that a chaos test can kill the process in it. Free unless {@link armFaultPoints} was called. */
export function faultPoint(point: FaultPoint): void {
  if (passes !== null) passes(point);
}

/** Makes faults strike where the process passes one of these points; none: never. For chaos tests alone. */
export function armFaultPoints(armed: readonly ArmedFaultPoint[], strike: (armed: ArmedFaultPoint) => void): void {
  const left = new Map(armed.map((fault) => [fault.point, { ...fault }]));
  passes =
    left.size === 0
      ? null
      : (point) => {
          const fault = left.get(point);
          if (fault === undefined) return;
          fault.pass -= 1;
          if (fault.pass > 0) return;
          left.delete(point);
          strike(fault);
        };
}
