import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Lanes, type Answer, type Exchange } from './lanes.js';

export interface Source {
  token: string;
  perSecond: number;
  forMs: number;
}

/** A start that was accepted; instants of the epoch, in ms. */
export interface Accepted {
  runId: string;
  meantAt: number;
  writtenAt: number;
}

/** What came of an open loop. Times in ms. */
export interface LoopResult {
  accepted: Accepted[];
  refused: number;
  /** Answers that neither accept nor properly refuse. */
  improper: number;
  /** Connections that ended before the answer. */
  lost: number;
  /** Not answered while the client waited. */
  givenUp: number;
  /** Not sent, since so many were under way: the client is bounded, and says so. */
  unsent: number;
  /** Of each answer: since it was meant to be sent, and since it was written to the socket. What lies between is the client's own delay. */
  sinceMeant: Float64Array;
  sinceWritten: Float64Array;
  /** Of the client's own event loop, p99. */
  loopDelay: number;
}

const TICK_MS = 2;
const DELAY_RESOLUTION_MS = 5;

/** Starts runs over HTTP: in an open loop, whatever the answers are, or in a closed one. */
export class StartLoop {
  private readonly lanes: Lanes;
  private readonly host: string;

  constructor(url: string) {
    const { port, host } = new URL(url);
    this.lanes = new Lanes(Number(port));
    this.host = host;
  }

  /** At an even rate; resolves when the last is answered. A client that waited for answers before it asked again would hide how long others wait. */
  async drive({ token, perSecond, forMs }: Source): Promise<LoopResult> {
    const request = this.requestOf(token);
    const tally = new Tally();
    const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
    delay.enable();
    const begunAt = performance.now();
    let meantAt = begunAt;
    for (let now = begunAt; now < begunAt + forMs; now = performance.now()) {
      for (; meantAt <= now; meantAt += 1_000 / perSecond) tally.send(this.lanes, request, meantAt);
      await pause(TICK_MS);
    }
    delay.disable();
    await tally.settled();
    return tally.result(Math.max(0, delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS));
  }

  /** So many callers, each of which starts a run after the other, as long as they may. */
  async driveClosed(
    { token, callers, forMs }: { token: string; callers: number; forMs: number },
    mayStart: () => boolean,
  ): Promise<void> {
    const request = this.requestOf(token);
    const endsAt = performance.now() + forMs;
    const call = async (): Promise<void> => {
      while (performance.now() < endsAt) {
        if (mayStart()) await new Promise<Exchange>((resolve) => void this.lanes.send(request, resolve));
        else await pause(TICK_MS);
      }
    };
    await Promise.all(Array.from({ length: callers }, call));
  }

  close(): void {
    this.lanes.close();
  }

  private requestOf(token: string): string {
    const body = '{"workflow":"step"}';
    const head = [
      'POST /api/v1/runs HTTP/1.1',
      `host: ${this.host}`,
      `authorization: Bearer ${token}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
    ];
    return `${head.join('\r\n')}\r\n\r\n${body}`;
  }
}

/** Keeps count of the answers. */
class Tally {
  private readonly accepted: Accepted[] = [];
  private refused = 0;
  private improper = 0;
  private lost = 0;
  private givenUp = 0;
  private unsent = 0;
  private underWay = 0;
  private readonly sinceMeant: number[] = [];
  private readonly sinceWritten: number[] = [];

  send(lanes: Lanes, request: string, meantAt: number): void {
    const isSent = lanes.send(request, (exchange) => this.hear(exchange, meantAt));
    if (isSent) this.underWay += 1;
    else this.unsent += 1;
  }

  async settled(): Promise<void> {
    while (this.underWay > 0) await pause(TICK_MS);
  }

  result(loopDelay: number): LoopResult {
    const { accepted, refused, improper, lost, givenUp, unsent } = this;
    const [sinceMeant, sinceWritten] = [Float64Array.from(this.sinceMeant), Float64Array.from(this.sinceWritten)];
    return { accepted, refused, improper, lost, givenUp, unsent, sinceMeant, sinceWritten, loopDelay };
  }

  private hear({ writtenAt, answeredAt, answer }: Exchange, meantAt: number): void {
    this.underWay -= 1;
    this.sinceMeant.push(answeredAt - meantAt);
    this.sinceWritten.push(answeredAt - writtenAt);
    if (answer === 'lost') this.lost += 1;
    else if (answer === 'given up') this.givenUp += 1;
    else if (answer.status === 202) {
      const { run_id: runId } = JSON.parse(answer.body) as { run_id: string };
      const { timeOrigin } = performance;
      this.accepted.push({ runId, meantAt: timeOrigin + meantAt, writtenAt: timeOrigin + writtenAt });
    } else if (isRefusal(answer)) this.refused += 1;
    else this.improper += 1;
  }
}

/** 429 or 503 that says when to come again. */
function isRefusal({ status, head }: Answer): boolean {
  return (status === 429 || status === 503) && /\r\nretry-after: \d+(\r|$)/i.test(head);
}
