import { connect, type Socket } from 'node:net';

export interface Answer {
  status: number;
  head: string;
  body: string;
}

/** What came back, and when: ms of `performance.now()`. `lost`: the connection ended before; `given up`: no whole answer came in time. */
export interface Exchange {
  writtenAt: number;
  answeredAt: number;
  answer: Answer | 'lost' | 'given up';
}

type Settle = (exchange: Exchange) => void;

const MAX_LANES = 4_096;
const ANSWER_BOUND_MS = 10_000;
const RECEIVE_BYTES = 65_536;
const HEAD_END = '\r\n\r\n';

/** All lanes read into it, one after the other. */
const received = Buffer.alloc(RECEIVE_BYTES);

/**
 * Keep-alive connections, each with one request at a time, and as many as there are requests under way: no request waits behind another's
 * answer. No more than a socket and some text: on a machine that client and servers share, what the client costs is missing elsewhere.
 */
export class Lanes {
  private readonly free: Lane[] = [];
  private readonly lanes = new Set<Lane>();
  private readonly sweeper = setInterval(() => this.giveUp(performance.now() - ANSWER_BOUND_MS), ANSWER_BOUND_MS / 10).unref();

  constructor(private readonly port: number) {}

  /** False: as many requests are under way as may be, and this one was not sent. */
  send(request: string, settle: Settle): boolean {
    const lane = this.free.pop() ?? this.open();
    lane?.send(request, settle);
    return lane !== null;
  }

  close(): void {
    clearInterval(this.sweeper);
    for (const lane of this.lanes) lane.end();
  }

  private open(): Lane | null {
    if (this.lanes.size >= MAX_LANES) return null;
    const lane = new Lane(this.port, {
      idle: () => this.free.push(lane),
      gone: () => {
        this.lanes.delete(lane);
        const index = this.free.indexOf(lane);
        if (index >= 0) this.free.splice(index, 1);
      },
    });
    this.lanes.add(lane);
    return lane;
  }

  private giveUp(sentBefore: number): void {
    for (const lane of this.lanes) if (lane.sentAt < sentBefore) lane.giveUp();
  }
}

class Lane {
  /** Of the request under way. */
  sentAt = Infinity;
  private settle: Settle | null = null;
  private text = '';
  private readonly socket: Socket;

  constructor(
    port: number,
    private readonly tell: { idle: () => void; gone: () => void },
  ) {
    const onread = { buffer: received, callback: (bytes: number) => this.receive(bytes) };
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.socket.on('error', () => undefined).on('close', () => this.lose());
  }

  send(request: string, settle: Settle): void {
    this.settle = settle;
    this.sentAt = performance.now();
    this.socket.write(request, 'latin1');
  }

  giveUp(): void {
    this.finish('given up');
    this.end();
  }

  end(): void {
    this.socket.destroy();
  }

  private receive(bytes: number): boolean {
    this.text += received.toString('latin1', 0, bytes);
    const headEnd = this.text.indexOf(HEAD_END);
    if (headEnd < 0) return true;
    const head = this.text.slice(0, headEnd);
    const bodyAt = headEnd + HEAD_END.length;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.text.length < bodyAt + length) return true;
    const answer = { status: Number(head.slice(9, 12)), head, body: this.text.slice(bodyAt) };
    this.text = '';
    this.finish(answer);
    this.tell.idle();
    return true;
  }

  private lose(): void {
    this.tell.gone();
    this.finish('lost');
  }

  private finish(answer: Exchange['answer']): void {
    const { settle, sentAt: writtenAt } = this;
    this.settle = null;
    this.sentAt = Infinity;
    settle?.({ writtenAt, answeredAt: performance.now(), answer });
  }
}
