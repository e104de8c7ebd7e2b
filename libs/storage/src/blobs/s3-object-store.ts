import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import type * as Undici from 'undici';
import { BatonError } from '@baton/core';
import { BlobObjectStore } from './blob-object-store.js';

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

interface Answer {
  status: number;
  body: Uint8Array;
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

  async write(name: string, bytes: Uint8Array): Promise<void> {
    await this.send('PUT', name, bytes, [200]);
  }

  async read(name: string): Promise<Uint8Array | null> {
    const { status, body } = await this.send('GET', name, null, [200, 404]);
    return status === 404 ? null : body;
  }

  async remove(name: string): Promise<void> {
    await this.send('DELETE', name, null, [200, 204, 404]);
  }

  async close(): Promise<void> {
    await (await this.client)?.agent.close();
  }

  /** Tries again what may pass by: no answer, a busy or broken service. Each request may be done twice. */
  private async send(
    method: 'GET' | 'PUT' | 'DELETE',
    name: string,
    body: Uint8Array | null,
    expected: number[],
  ): Promise<Answer> {
    const { maxTries, retryMs } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      let problem: unknown;
      try {
        const answer = await this.sendOnce(method, name, body);
        if (expected.includes(answer.status) && !isMissingBucket(answer)) return answer;
        problem = problemOf(answer);
        if (answer.status < 500 && answer.status !== 429 && answer.status !== 408) throw unavailable(method, name, problem);
      } catch (error) {
        if (error instanceof BatonError) throw error;
        problem = error;
      }
      if (attempt >= maxTries) throw unavailable(method, name, problem);
      await sleep(retryMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
    }
  }

  private async sendOnce(method: Undici.Dispatcher.HttpMethod, name: string, body: Uint8Array | null): Promise<Answer> {
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
    const response = await request(signed.url, {
      ...{ method, body, dispatcher: agent, signal: AbortSignal.timeout(timeoutMs) },
      headers: Object.fromEntries(signed.headers),
    });
    return { status: response.statusCode, body: new Uint8Array(await response.body.arrayBuffer()) };
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
function isMissingBucket({ status, body }: Answer): boolean {
  return status === 404 && codeIn(body) === 'NoSuchBucket';
}

function problemOf({ status, body }: Answer): Error {
  return new Error(`${status} ${codeIn(body) ?? ''}`.trim());
}

/** The code in the XML of an error. */
function codeIn(body: Uint8Array): string | undefined {
  const text = Buffer.from(body.subarray(0, 2_000)).toString('utf8');
  return /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(text)?.[1];
}

function unavailable(method: string, name: string, problem: unknown): BatonError {
  const why = problem instanceof Error ? problem.message : String(problem);
  return new BatonError('storage_unavailable', `S3 does not do ${method}: ${why}.`, { object: name }, { cause: problem });
}
