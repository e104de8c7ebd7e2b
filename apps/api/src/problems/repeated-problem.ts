import type { BatonError } from '@baton/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toProblem } from './problem.js';

interface Prepared {
  status: number;
  headers: readonly string[];
  /** The document without what each request has of its own, and without its end. */
  text: string;
}

/** Answers one and the same error many times: what does not change is made once, and nothing but the socket is between. */
export class RepeatedProblems {
  private readonly prepared = new WeakMap<BatonError, Prepared>();

  /** @param common headers of every answer */
  constructor(private readonly common: Readonly<Record<string, string>>) {}

  reply(error: BatonError, request: FastifyRequest, { raw }: FastifyReply): void {
    const { status, headers, text } = this.prepare(error);
    const path = JSON.stringify(request.url.split('?', 1)[0]);
    const body = `${text},"instance":${path},"request_id":"${request.id}"}`;
    raw.writeHead(status, [...headers, 'x-request-id', request.id, 'content-length', String(Buffer.byteLength(body))]);
    raw.end(body);
  }

  private prepare(error: BatonError): Prepared {
    const known = this.prepared.get(error);
    if (known !== undefined) return known;
    const { status, headers, body } = toProblem(error, { path: '', id: '' });
    const { instance: _instance, request_id: _requestId, ...same } = body;
    const prepared = {
      status,
      headers: Object.entries({ ...this.common, ...headers, 'content-type': `${headers['content-type']}; charset=utf-8` }).flat(),
      text: JSON.stringify(same).slice(0, -1),
    };
    this.prepared.set(error, prepared);
    return prepared;
  }
}
