import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface HttpReply {
  status: number;
  body: string;
}

/** The bytes of a POST. */
export function postRequest(url: string, path: string, body: object, headers: Readonly<Record<string, string>> = {}): Buffer {
  const text = JSON.stringify(body);
  const fields = {
    host: new URL(url).host,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
  };
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines({ ...fields, ...headers })}\r\n${text}`);
}

export function getRequest(url: string, path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${lines({ host: new URL(url).host })}\r\n`);
}

function lines(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

/** A connection that is kept, with one request at a time: the least that a client must do, since it has its share of the cores. */
export class HttpLane {
  private received = '';
  private waiting: PromiseWithResolvers<HttpReply> | null = null;

  private constructor(private readonly socket: Socket) {
    const fail = (error: Error): void => this.waiting?.reject(error);
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (chunk: string) => this.take(chunk));
    socket.on('error', fail).on('close', () => fail(new Error('The server has closed the connection.')));
  }

  static async open(url: string): Promise<HttpLane> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new HttpLane(socket);
  }

  send(request: Buffer): Promise<HttpReply> {
    this.waiting = Promise.withResolvers<HttpReply>();
    this.socket.write(request);
    return this.waiting.promise;
  }

  close(): void {
    this.waiting = null;
    this.socket.destroy();
  }

  /** Bytes are characters here: the length counts them. */
  private take(chunk: string): void {
    this.received += chunk;
    const bodyAt = this.received.indexOf('\r\n\r\n') + 4;
    if (bodyAt === 3) return;
    const length = Number(/^content-length: (\d+)/im.exec(this.received.slice(0, bodyAt))?.[1] ?? 0);
    if (this.received.length < bodyAt + length) return;
    const reply = { status: Number(this.received.slice(9, 12)), body: this.received.slice(bodyAt, bodyAt + length) };
    this.received = '';
    const { resolve } = this.waiting!;
    this.waiting = null;
    resolve(reply);
  }
}
