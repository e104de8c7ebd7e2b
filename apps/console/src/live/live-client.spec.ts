import { beforeEach, describe, expect, it } from '@jest/globals';
import { LiveClient, type LiveSocket, type SocketListener } from './live-client.js';
import type { ClientFrame, RunEvent, ServerFrame } from './protocol.js';

class FakeSocket implements LiveSocket {
  readonly sent: ClientFrame[] = [];
  isClosed = false;

  constructor(
    readonly token: string,
    private readonly listener: SocketListener,
  ) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientFrame);
  }
  close(): void {
    this.isClosed = true;
  }

  open(): void {
    this.listener.onOpen();
  }
  say(frame: ServerFrame): void {
    this.listener.onMessage(JSON.stringify(frame));
  }
  event(id: string, seq: number): void {
    this.say({ type: 'event', id, seq, event: { run_id: 'r1', seq } as RunEvent });
  }
  end(code = 1006): void {
    this.listener.onClose(code);
  }
}

/** Timers that are run by hand. */
class Timers {
  private now = 0;
  private readonly all = new Map<() => void, number>();

  readonly schedule = (action: () => void, ms: number): (() => void) => {
    this.all.set(action, this.now + ms);
    return () => this.all.delete(action);
  };

  /** Lets time pass, and what hangs on promises happen. */
  async pass(ms: number): Promise<void> {
    this.now += ms;
    for (const [action, at] of [...this.all]) {
      if (at > this.now) continue;
      this.all.delete(action);
      action();
    }
    await settle();
  }
}

/** All promises that are ready, and those that they make ready. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('the live connection', () => {
  let sockets: FakeSocket[];
  let timers: Timers;
  let tokens: number;
  let client: LiveClient;
  const last = (): FakeSocket => sockets.at(-1)!;

  beforeEach(async () => {
    sockets = [];
    timers = new Timers();
    tokens = 0;
    client = new LiveClient({
      fetchToken: async () => `token ${(tokens += 1)}`,
      open: (token, listener) => {
        sockets.push(new FakeSocket(token, listener));
        return last();
      },
      schedule: timers.schedule,
      random: () => 1,
    });
    client.start();
    await settle();
  });

  const follow = (fromSeq = 0): number[] => {
    const seen: number[] = [];
    client.followRun('r1', fromSeq, ({ seq }) => seen.push(seq));
    return seen;
  };

  it('goes on from the last event after a loss, and tells each event once', async () => {
    const seen = follow();
    last().open();
    const [subscription] = last().sent;
    expect(subscription).toMatchObject({ type: 'subscribe', topic: 'run', run_id: 'r1', from_seq: 0 });
    const id = (subscription as { id: string }).id;
    for (const seq of [1, 2, 2, 1, 3]) last().event(id, seq);
    last().end();
    await timers.pass(500);
    last().open();
    expect(last().token).toBe('token 2');
    expect(last().sent[0]).toMatchObject({ run_id: 'r1', from_seq: 3 });
    last().event(id, 3);
    last().event(id, 4);
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('asks again, under another id, where an event is missing', () => {
    const seen = follow(5);
    last().open();
    const { id } = last().sent[0] as { id: string };
    last().event(id, 7);
    const [, gone, again] = last().sent as [unknown, ClientFrame, { id: string }];
    expect(gone).toEqual({ type: 'unsubscribe', id });
    expect(again).toMatchObject({ type: 'subscribe', from_seq: 5 });
    last().event(id, 6);
    last().event(again.id, 6);
    last().event(again.id, 7);
    expect(seen).toEqual([6, 7]);
  });

  it('tells listeners of topics after a loss that anything may have changed', async () => {
    const told: (readonly string[] | null)[] = [];
    client.followTopic('runs', (ids) => told.push(ids));
    last().open();
    expect(told).toEqual([]);
    last().say({ type: 'changed', id: '1', topic: 'runs', ids: ['r1'] });
    last().end();
    await timers.pass(500);
    last().open();
    expect(told).toEqual([['r1'], null]);
  });

  it('tries again after pauses that grow, and at once when the network is back', async () => {
    last().end();
    await timers.pass(499);
    expect(sockets).toHaveLength(1);
    await timers.pass(1);
    expect(sockets).toHaveLength(2);
    last().end();
    await timers.pass(500);
    expect(sockets).toHaveLength(2);
    await timers.pass(500);
    expect(sockets).toHaveLength(3);
    last().end(4429);
    await timers.pass(19_999);
    expect(sockets).toHaveLength(3);
    client.reconnect();
    await settle();
    expect(sockets).toHaveLength(4);
  });

  it('is stale when it has been away for a while, and live when it is back', async () => {
    expect(client.state).toBe('connecting');
    last().open();
    expect(client.state).toBe('live');
    last().end();
    expect(client.state).toBe('connecting');
    await timers.pass(500);
    await timers.pass(3_500);
    expect(client.state).toBe('stale');
    last().open();
    expect(client.state).toBe('live');
  });

  it('gives a silent connection up', async () => {
    last().open();
    const silent = last();
    silent.say({ type: 'ping' });
    expect(silent.sent).toEqual([{ type: 'pong' }]);
    await timers.pass(45_000);
    expect(silent.isClosed).toBe(true);
    await timers.pass(500);
    expect(last()).not.toBe(silent);
  });

  it('sends another token when the server asks for one', async () => {
    last().open();
    last().say({ type: 'refresh' });
    await settle();
    expect(last().sent).toEqual([{ type: 'token', token: 'token 2' }]);
  });

  it('forgets what nobody listens to', () => {
    const end = client.followRun('r1', 0, () => undefined);
    last().open();
    const { id } = last().sent[0] as { id: string };
    end();
    expect(last().sent.at(-1)).toEqual({ type: 'unsubscribe', id });
  });
});
