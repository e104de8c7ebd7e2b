import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { BatonError } from '@baton/core';
import { toProblem } from '../problems/problem.js';

/** Answers a handshake with a problem, and closes the connection. */
export function refuseUpgrade(request: IncomingMessage, socket: Duplex, error: BatonError): void {
  const path = request.url?.split('?')[0] ?? '';
  const { status, headers, body } = toProblem(error, { path, id: randomUUID() });
  const text = JSON.stringify(body);
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(text), connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${text}`, () => socket.destroy());
}
