import type { Socket } from 'node:net';
import { BatonError } from '@baton/core';
import { randomUUID } from 'node:crypto';
import { toProblem } from './problems/problem.js';

/** Answers what is not HTTP, or too large for a header, and closes the connection: nothing after it can be trusted. */
export function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { headers, body } = toProblem(new BatonError('invalid_request', 'This is not a request that can be read.'), {
    path: '',
    id: randomUUID(),
  });
  const text = JSON.stringify(body);
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(text), connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 400 Bad Request\r\n${head}\r\n${text}`);
}
