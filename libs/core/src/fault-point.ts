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
  'advance.afterAppend',
  'advance.afterPark',
  'advance.afterEnd',
  'handBack.afterCommit',
  'signal.afterCommit',
  'wake.afterRaise',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

/** A fault point, and at which pass of it the process crashes, counted from 1. */
export interface ArmedFaultPoint {
  readonly point: FaultPoint;
  readonly pass: number;
}

let passes: ((point: FaultPoint) => void) | null = null;

/** Marks a crash window, so that a chaos test can kill the process in it. Free unless {@link armFaultPoints} was called. */
export function faultPoint(point: FaultPoint): void {
  if (passes !== null) passes(point);
}

/** Makes the process crash where it passes one of these points; none: never. For chaos tests alone. */
export function armFaultPoints(armed: readonly ArmedFaultPoint[], crash: (point: FaultPoint) => void): void {
  const left = new Map(armed.map(({ point, pass }) => [point, pass]));
  passes =
    left.size === 0
      ? null
      : (point) => {
          const more = left.get(point);
          if (more === undefined) return;
          left.set(point, more - 1);
          if (more === 1) crash(point);
        };
}
