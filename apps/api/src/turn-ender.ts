/** So many refusals in one turn of the event loop are enough: some 25 ms. */
const ENOUGH = 1_000;

/** Means nothing to a process unless it asks for it. */
const SIGNAL = 'SIGURG';

/** Elsewhere a process that sends itself a signal may end by it. */
const CAN_SIGNAL = process.platform === 'linux';

/**
 * Ends turns of the event loop that a flood makes long. As long as a thousand sockets are ready whenever it looks, Node's loop reads on, up to 48
 * times over, before it comes to timers and to what was put off to the end of the turn: turns of 1.7 s were measured, in which no group commit began.
 * Only a signal makes it go on at once, behind the sockets that are ready by then.
 */
export class TurnEnder {
  private refused = 0;
  private readonly heed = (): void => undefined;

  constructor(private readonly signal: () => void = signalOneself) {
    process.on(SIGNAL, this.heed);
  }

  /** A request was refused in this turn. */
  note(): void {
    if (this.refused === 0) setImmediate(() => (this.refused = 0));
    this.refused += 1;
    if (this.refused % ENOUGH === 0) this.signal();
  }

  close(): void {
    process.off(SIGNAL, this.heed);
  }
}

function signalOneself(): void {
  if (CAN_SIGNAL) process.kill(process.pid, SIGNAL);
}
