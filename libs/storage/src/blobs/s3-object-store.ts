import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import type * as Undici from 'undici';
import { BatonError } from '@baton/core';
import { BlobObjectStore, type ObjectReader } from './blob-object-store.js';

export interface S3Options {
  /** Of the service: `https://s3.eu-central-1.amazonaws.com`, `http://minio:9000`. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Stands before every name. */
  prefix?: string;
  /** The bucket in the path, as MinIO wants it, and not in the host name. Default true. */
  pathStyle?: boolean;
  /** Bound on one request. Default 10,000. */
  timeoutMs?: number;
  /** Tries of one request. Default 4. */
  maxTries?: number;
  /** Before the second try; twice as long before each further one. Default 200. */
  retryMs?: number;
}

interface S3Client {
  readonly agent: Undici.Agent;
  readonly request: typeof Undici.request;
}

interface Request<T> {
  method: 'GET' | 'PUT' | 'DELETE';
  name: string;
  body?: Uint8Array;
  /** Statuses that are no failure. */
  expected: readonly number[];
  /** Of the body of a 200. */
  reader: ObjectReader<T>;
  signal: AbortSignal | undefined;
}

interface Answer<T> {
  status: number;
  /** What the reader has made of the body; undefined: the status is another than 200. */
  taken?: T;
  /** The code in the XML of an error. */
  code?: string | undefined;
}

/** Objects in a bucket of S3, or of what speaks as S3 does: requests signed with SigV4, the body with them. */
export class S3ObjectStore extends BlobObjectStore {
  readonly place = 's3';
  private readonly options: Required<S3Options>;
  private client: Promise<S3Client> | null = null;

  constructor(options: S3Options) {
    super();
    this.options = { prefix: '', pathStyle: true, timeoutMs: 10_000, maxTries: 4, retryMs: 200, ...options };
  }

  /** What comes in pieces is collected first, as the signature goes before it. */
  async write(name: string, content: Uint8Array | AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    const body = content instanceof Uint8Array ? content : await bytesOf(content);
    await this.send({ method: 'PUT', name, body, expected: [200], reader: bytesOf, signal });
  }

  async read(name: string, signal?: AbortSignal): Promise<Uint8Array | null> {
    return await this.scan(name, bytesOf, signal);
  }

  async scan<T>(name: string, reader: ObjectReader<T>, signal?: AbortSignal): Promise<T | null> {
    const { status, taken } = await this.send({ method: 'GET', name, expected: [200, 404], reader, signal });
    return status === 404 ? null : taken!;
  }

  async remove(name: string): Promise<void> {
    await this.send({ method: 'DELETE', name, expected: [200, 204, 404], reader: bytesOf, signal: undefined });
  }

  async close(): Promise<void> {
    await (await this.client)?.agent.close();
  }

  /** Tries again what may pass by: no answer, a busy or broken service. Each request may be done twice. */
  private async send<T>(request: Request<T>): Promise<Answer<T>> {
    const { maxTries, retryMs } = this.options;
    const { method, name, signal } = request;
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      let problem: unknown;
      try {
        const answer = await this.sendOnce(request);
        if (request.expected.includes(answer.status) && !isMissingBucket(answer)) return answer;
        problem = problemOf(answer);
        if (answer.status < 500 && answer.status !== 429 && answer.status !== 408) throw unavailable(method, name, problem);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof BatonError) throw error;
        problem = error;
      }
      if (attempt >= maxTries) throw unavailable(method, name, problem);
      await sleep(retryMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2), null, { signal }).catch(() => null);
    }
  }

  private async sendOnce<T>({ method, name, body, reader, signal }: Request<T>): Promise<Answer<T>> {
    const { accessKeyId, secretAccessKey, region, timeoutMs } = this.options;
    const signed = await new AwsV4Signer({
      ...{ method, url: this.urlOf(name), accessKeyId, secretAccessKey, region, service: 's3' },
      headers: {
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      },
    }).sign();
    const { agent, request } = await (this.client ??= connect(timeoutMs));
    const bound = AbortSignal.timeout(timeoutMs);
    const response = await request(signed.url, {
      ...{ method, body: body ?? null, dispatcher: agent },
      signal: signal === undefined ? bound : AbortSignal.any([signal, bound]),
      headers: Object.fromEntries(signed.headers),
    });
    const status = response.statusCode;
    return status === 200
      ? { status, taken: await reader(response.body) }
      : { status, code: codeIn(await bytesOf(response.body)) };
  }

  private urlOf(name: string): string {
    const { endpoint, bucket, prefix, pathStyle } = this.options;
    const url = new URL(endpoint);
    if (!pathStyle) url.hostname = `${bucket}.${url.hostname}`;
    const base = url.pathname.replace(/\/$/, '');
    url.pathname = [base, ...(pathStyle ? [bucket] : []), ...(prefix === '' ? [] : [prefix]), name].join('/');
    return url.href;
  }
}

/** Only who keeps blobs there loads the client. */
async function connect(timeoutMs: number): Promise<S3Client> {
  const { Agent, request } = await import('undici');
  const bounds = { connect: { timeout: timeoutMs }, headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
  return { agent: new Agent({ connections: 32, ...bounds }), request };
}

/** A bucket that is not there is no object that is not there. */
function isMissingBucket({ status, code }: Answer<unknown>): boolean {
  return status === 404 && code === 'NoSuchBucket';
}

function problemOf({ status, code }: Answer<unknown>): Error {
  return new Error(`${status} ${code ?? ''}`.trim());
}

async function bytesOf(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(content));
}

function codeIn(body: Uint8Array): string | undefined {
  const text = Buffer.from(body.subarray(0, 2_000)).toString('utf8');
  return /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(text)?.[1];
}

function unavailable(method: string, name: string, problem: unknown): BatonError {
  const why = problem instanceof Error ? problem.message : String(problem);
  return new BatonError('storage_unavailable', `S3 does not do ${method}: ${why}.`, { object: name }, { cause: problem });
}
