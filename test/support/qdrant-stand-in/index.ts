import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { JsonObject, JsonValue } from '@baton/core';
import { asObject, OpenApiContract, type Operation } from './openapi-contract.js';
import { OPERATIONS, Refusal } from './operations.js';
import { filterKeys, WrongInput, type StoredCollection } from './stored-collection.js';

const DOCUMENT = join(import.meta.dirname, '../../fixtures/qdrant-openapi-1.19.json');

export interface QdrantStandInOptions {
  /** Refuses requests without this key. */
  apiKey?: string;
}

/** What an answer is made to be, instead of the right one. */
interface Fault {
  /** Null: never answered. */
  status: number | null;
  headers?: Record<string, string>;
}

/**
 * A server with the REST API of Qdrant that really stores and searches, and checks each request and each of its own answers against
 * Qdrant's published OpenAPI document. A request that the document does not allow is answered 400 and kept in `violations`.
 */
export class QdrantStandIn {
  /** What was not as the document says, in plain words; a test expects none. */
  readonly violations: string[] = [];
  /** The requests, as `PUT /collections/x`. */
  readonly requests: string[] = [];
  readonly collections = new Map<string, StoredCollection>();
  private readonly faults: Fault[] = [];

  private constructor(
    private readonly server: Server,
    private readonly contract: OpenApiContract,
    private readonly options: QdrantStandInOptions,
  ) {}

  static async start(options: QdrantStandInOptions = {}): Promise<QdrantStandIn> {
    const server = createServer();
    const contract = new OpenApiContract(JSON.parse(readFileSync(DOCUMENT, 'utf8')) as JsonObject);
    const standIn = new QdrantStandIn(server, contract, options);
    server.on('request', (request, response) => void standIn.answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Gives the next requests these answers. */
  failNext(...faults: Fault[]): void {
    this.faults.push(...faults);
  }

  /** As it was at the start: the next test sees nothing of this one. */
  reset(): void {
    this.collections.clear();
    for (const list of [this.violations, this.requests, this.faults]) list.length = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, this.url);
    const name = `${request.method} ${pathname}`;
    this.requests.push(name);
    const sent = await text(request);
    const fault = this.faults.shift();
    if (fault?.status === null) return;
    if (fault !== undefined) return send(response, fault.status, failure('a fault of the test'), fault.headers);
    if (this.options.apiKey !== undefined && request.headers['api-key'] !== this.options.apiKey) {
      return send(response, 401, failure('Invalid API key'));
    }
    const operation = this.contract.find(request.method!, pathname);
    if (operation === null) return this.violated(response, name, ['is no operation of the document']);
    const body = sent === '' ? undefined : (JSON.parse(sent) as JsonValue);
    const problems = [
      ...this.contract.checkRequest(operation, searchParams, body),
      ...this.checkFilter(operation, asObject(body)),
    ];
    if (problems.length > 0) return this.violated(response, name, problems);
    const reply = this.perform(operation, searchParams, asObject(body));
    const faulty = this.contract.checkResponse(operation, reply.status, reply.body);
    this.violations.push(...faulty.map((problem) => `the stand-in's own answer to ${name}: ${problem}`));
    send(response, reply.status, reply.body);
  }

  private perform(operation: Operation, query: URLSearchParams, body: JsonObject): { status: number; body: JsonObject } {
    const perform = OPERATIONS[operation.id];
    if (perform === undefined) return { status: 400, body: failure(`the stand-in cannot do \`${operation.id}\``) };
    try {
      return { status: 200, body: { result: perform(this.collections, { operation, query, body }), status: 'ok', time: 0.001 } };
    } catch (error) {
      if (error instanceof Refusal) return { status: error.status, body: failure(error.message) };
      if (error instanceof WrongInput) return { status: 400, body: failure(`Wrong input: ${error.message}`) };
      throw error;
    }
  }

  /** Qdrant would filter by a key without an index too, slowly: for us it is a mistake. */
  private checkFilter({ params }: Operation, body: JsonObject): string[] {
    const indexes = this.collections.get(params['collection_name'] ?? '')?.indexes;
    if (indexes === undefined) return [];
    return filterKeys(body['filter'])
      .filter((key) => !(key in indexes))
      .map((key) => `filters by \`${key}\`, which has no index`);
  }

  private violated(response: ServerResponse, name: string, problems: readonly string[]): void {
    this.violations.push(...problems.map((problem) => `${name}: ${problem}`));
    send(response, 400, failure(`Format error: ${problems.join('; ')}`));
  }
}

function failure(error: string): JsonObject {
  return { status: { error }, time: 0 };
}

function send(response: ServerResponse, status: number, body: JsonObject, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
