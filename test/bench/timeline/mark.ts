/** Hears of each run that a client process drives when it is `begun` and `done`. */
export const RUN_CHANNEL = 'baton-bench:run';

/** Asks a process that notes what passes through its sockets for its marks. */
export const TIMELINE_REQUEST = 'timeline';

export interface SocketMark {
  /** Microseconds on a clock that all processes of the machine share. */
  at: number;
  /** `begun` and `done`: of a run, in the client. */
  what: 'sent' | 'heard' | 'begun' | 'done';
  /** The connection, by its ports; empty for runs. */
  connection: string;
  /** As far as phases are told apart by it. */
  text: string;
}

/** A mark, and the process that noted it. */
export type Mark = SocketMark & { role: 'client' | 'worker' };
