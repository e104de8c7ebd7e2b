import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { signatureProblem, type S3Keys } from './signature.js';

/** What the stand-in does with the next requests instead of answering them. */
export type S3Fault = number | 'reset' | 'silence';

/**
 * Stands in for a service that speaks as S3 does: one bucket, addressed in the path. It checks the signature of each request with its body, and
 * stores what is put. What else S3 does, it does not.
 */
export class S3StandIn {
  readonly bucket = 'blobs';
  readonly keys: S3Keys = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    region: 'eu-test-1',
  };
  readonly objects = new Map<string, Buffer>();
  readonly faults: S3Fault[] = [];
  requests = 0;
  private readonly faulted = new EventEmitter();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<S3StandIn> {
    const server = createServer((request, response) => void standIn.handle(request, response));
    const standIn = new S3StandIn(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Until it next leaves a request without an answer. */
  async untilSilence(): Promise<void> {
    await once(this.faulted, 'silence');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request).catch(() => null);
    if (body === null) return;
    this.requests += 1;
    const fault = this.faults.shift();
    if (fault === 'silence') return void this.faulted.emit('silence');
    if (fault === 'reset') return void request.socket.destroy();
    if (fault !== undefined) return refuse(response, fault, 'SlowDown');
    const problem = signatureProblem(request, body, this.keys);
    if (problem !== null) return refuse(response, 403, problem);
    this.answer(request, body, response);
  }

  private answer({ method, url }: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const [, bucket, ...path] = decodeURIComponent(url!).split('/');
    if (bucket !== this.bucket) return refuse(response, 404, 'NoSuchBucket');
    const name = path.join('/');
    const object = this.objects.get(name);
    if (method === 'PUT') {
      this.objects.set(name, body);
      response.writeHead(200).end();
    } else if (method === 'DELETE') {
      this.objects.delete(name);
      response.writeHead(204).end();
    } else if (method === 'GET' && object !== undefined) {
      response.writeHead(200, { 'content-length': object.length }).end(object);
    } else refuse(response, method === 'GET' ? 404 : 405, method === 'GET' ? 'NoSuchKey' : 'MethodNotAllowed');
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(xml);
}
