import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** One connection through the proxy. */
interface Link {
  client: Socket;
  server: Socket;
  /** Its bytes vanish, whatever the proxy does with other connections. */
  dead: boolean;
  /** When set, the next bytes from the server are the reply to eat. */
  eating: EatenReply | null;
  eaten: Buffer[];
  /** The reply is eaten; what else the server says goes the same way. */
  hangs: boolean;
  /** Delayed bytes of each direction, so that delays keep the order. */
  delayed: { request: Delayed; reply: Delayed };
}

interface Delayed {
  chunks: number;
  sent: Promise<void>;
}

interface EatenReply {
  match: string | RegExp;
  after: 'reset' | 'hang';
  times: number;
  rate: number;
  isWhole: (reply: Buffer) => boolean;
}

interface EatOptions {
  after?: 'reset' | 'hang';
  times?: number;
  /** The part of the matching requests that it hits; default 1. */
  rate?: number;
  /** Whether the server has said all: a reply may come in pieces. By default its first piece is all. */
  isWhole?: (reply: Buffer) => boolean;
}

/**
 * A TCP proxy that fails on demand. It knows nothing of the protocol: a request is a chunk from the client, matched as latin1 text, so
 * a pipelined chunk counts as one request.
 */
export class TcpProxy {
  private readonly links = new Set<Link>();
  private swallowing = false;
  private refusing = false;
  private delay = { ms: 0, jitterMs: 0 };
  private resetRate = 0;
  private toEat: EatenReply[] = [];
  private eatenReplies = 0;
  private heardRequests = 0;

  private constructor(
    private readonly listener: Server,
    private readonly target: { host: string; port: number },
    private readonly random: () => number,
  ) {
    listener.on('connection', (client) => this.accept(client));
  }

  static async start(targetPort: number, options: { host?: string; random?: () => number } = {}): Promise<TcpProxy> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new TcpProxy(listener, { host: options.host ?? '127.0.0.1', port: targetPort }, options.random ?? Math.random);
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.links.size;
  }

  /** Requests so far: what came in one piece counts as one. */
  get requests(): number {
    return this.heardRequests;
  }

  /** Replies eaten so far. */
  get eaten(): number {
    return this.eatenReplies;
  }

  /** The service's URL, led through this proxy. */
  through(url: string): string {
    const led = new URL(url);
    led.hostname = '127.0.0.1';
    led.port = String(this.port);
    return led.href;
  }

  /** Ends every fault. Connections that lost bytes are reset: no protocol survives a hole in its stream. */
  forward(): void {
    if (this.swallowing) this.reset();
    this.swallowing = false;
    this.refusing = false;
    this.delay = { ms: 0, jitterMs: 0 };
    this.resetRate = 0;
    this.toEat = [];
  }

  /** Half-open: connections stay, new ones are accepted, and every byte vanishes both ways. */
  swallow(): void {
    this.swallowing = true;
  }

  /**
   * Half-open as after a lost peer: the connections of now are dead for good, new ones work. `ports`: only those that the server sees as coming
   * from these. Returns how many it hit.
   */
  swallowOpen(ports?: ReadonlySet<number>): number {
    const hit = [...this.links].filter(({ server }) => ports === undefined || ports.has(server.localPort ?? 0));
    for (const link of hit) link.dead = true;
    return hit.length;
  }

  /** Each chunk, both ways, leaves `ms` (and up to `jitterMs` more) later, in order; a `resetRate` part of the requests resets. */
  slow(ms: number, jitterMs = 0, resetRate = 0): void {
    this.delay = { ms, jitterMs };
    this.resetRate = resetRate;
  }

  /** Resets (RST) every open connection; new ones are welcome. */
  reset(): void {
    for (const link of this.links) this.cut(link);
  }

  /** Resets every connection and refuses new ones until `forward`. */
  refuse(): void {
    this.refusing = true;
    this.reset();
  }

  /**
   * Lets the next matching requests through (`times`, default 1; Infinity for each), eats their reply, and then resets the connection or
   * leaves it hanging: the server has done what was asked, and the client cannot know it.
   */
  eatReply(match: string | RegExp, options: EatOptions = {}): void {
    this.toEat.push({ match, after: 'reset', times: 1, rate: 1, isWhole: () => true, ...options });
  }

  async close(): Promise<void> {
    const closed = once(this.listener, 'close');
    this.listener.close();
    this.reset();
    await closed;
  }

  private accept(client: Socket): void {
    if (this.refusing) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const link: Link = {
      client,
      server: connect(this.target),
      dead: false,
      eating: null,
      eaten: [],
      hangs: false,
      delayed: { request: nothing(), reply: nothing() },
    };
    this.links.add(link);
    client.setNoDelay(true).on('data', (chunk) => this.request(link, chunk));
    link.server.setNoDelay(true).on('data', (chunk) => this.reply(link, chunk));
    client.on('end', () => this.send(link, 'request', null));
    link.server.on('end', () => this.send(link, 'reply', null));
    for (const socket of [client, link.server]) {
      socket.on('error', () => this.cut(link));
      socket.on('close', () => this.drop(link));
    }
  }

  private request(link: Link, chunk: Buffer): void {
    this.heardRequests += 1;
    if (this.isDead(link)) return;
    if (this.resetRate > 0 && this.random() < this.resetRate) return this.cut(link);
    link.eating ??= this.takeEater(chunk);
    this.send(link, 'request', chunk);
  }

  private reply(link: Link, chunk: Buffer): void {
    if (this.isDead(link)) return;
    if (link.eating === null) return this.send(link, 'reply', chunk);
    if (link.hangs) return;
    link.eaten.push(chunk);
    if (!link.eating.isWhole(Buffer.concat(link.eaten))) return;
    link.hangs = true;
    this.eatenReplies += 1;
    if (link.eating.after === 'reset') this.cut(link);
  }

  private takeEater(chunk: Buffer): EatenReply | null {
    if (this.toEat.length === 0) return null;
    const text = chunk.toString('latin1');
    const eater = this.toEat.find(({ match }) => (typeof match === 'string' ? text.includes(match) : match.test(text)));
    if (eater === undefined || (eater.rate < 1 && this.random() >= eater.rate)) return null;
    eater.times -= 1;
    this.toEat = this.toEat.filter(({ times }) => times > 0);
    return eater;
  }

  /** Sends a chunk on, or the end of the stream when `chunk` is null. */
  private send(link: Link, way: 'request' | 'reply', chunk: Buffer | null): void {
    const socket = way === 'request' ? link.server : link.client;
    const pass = (): void => {
      if (this.isDead(link) || socket.destroyed) return;
      if (chunk === null) socket.end();
      else socket.write(chunk);
    };
    const delayed = link.delayed[way];
    const leavesAt = performance.now() + this.delay.ms + this.random() * this.delay.jitterMs;
    if (this.delay.ms + this.delay.jitterMs === 0 && delayed.chunks === 0) return pass();
    delayed.chunks += 1;
    delayed.sent = delayed.sent.then(async () => {
      await pause(Math.max(0, leavesAt - performance.now()));
      delayed.chunks -= 1;
      pass();
    });
  }

  private isDead(link: Link): boolean {
    return this.swallowing || link.dead;
  }

  private cut(link: Link): void {
    link.client.resetAndDestroy();
    link.server.resetAndDestroy();
    this.links.delete(link);
  }

  private drop(link: Link): void {
    this.links.delete(link);
    if (!this.isDead(link)) link.client.destroySoon();
    link.server.destroySoon();
  }
}

function nothing(): Delayed {
  return { chunks: 0, sent: Promise.resolve() };
}
