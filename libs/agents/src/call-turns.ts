/** Calls that go on in one turn of the event loop, so that what else is due, commits above all, comes between them. */
const PER_TURN = 4;

/**
 * Lets calls go on a few in each turn of the event loop. What hundreds do at once would else be done for all of them before the first is sent or
 * journaled, and they would stay one crowd for ever, each waiting for the work of all others; so the first is done with while the last still waits,
 * and the crowd spreads out. Calls that are to be sent go before answers that are to be read: a call that is sent waits for its model, not for us.
 */
export class CallTurns {
  private readonly toSend: (() => void)[] = [];
  private readonly toRead: (() => void)[] = [];
  private scheduled = 0;

  /** Goes on when a call may be made. */
  send(go: () => void): void {
    this.toSend.push(go);
    this.schedule();
  }

  /** Goes on when an answer that has come may be read. */
  read(go: () => void): void {
    this.toRead.push(go);
    this.schedule();
  }

  /** Each one by an immediate of its own: what it sets going is done before the next one, and all that were set before a turn belong to it. */
  private schedule(): void {
    while (this.scheduled < Math.min(PER_TURN, this.toSend.length + this.toRead.length)) {
      this.scheduled += 1;
      setImmediate(this.letOneGo);
    }
  }

  private readonly letOneGo = (): void => {
    this.scheduled -= 1;
    (this.toSend.shift() ?? this.toRead.shift())?.();
    this.schedule();
  };
}
