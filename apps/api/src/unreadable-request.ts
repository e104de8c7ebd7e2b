import type { Socket } from 'node:net';
import { BatonError } from '@baton/core';
import { randomUUID } from 'node:crypto';
import { toProblem } from './problems/problem.js';

/** Answers what is not HTTP, too large for a header or too slow, and closes the connection: nothing after it can be trusted. */
export function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const detail = isLate ? 'The request did not come in time: see REQUEST_TIMEOUT_MS.' : 'This is not a request that can be read.';
  const { headers, body } = toProblem(new BatonError('invalid_request', detail), { path: '', id: randomUUID() });
  const status = isLate ? '408 Request Timeout' : '400 Bad Request';
  const text = JSON.stringify({ ...body, status: isLate ? 408 : 400 });
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(text), connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n${text}`);
}
