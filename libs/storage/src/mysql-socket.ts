import { connect, type Socket } from 'node:net';

/**
 * A TCP socket to MySQL that ends itself after `silenceMs` without traffic. So a half-open connection cannot hold a statement for ever;
 * an idle connection that ends this way is replaced at its next use.
 */
export function connectBound(host: string, port: number, silenceMs: number): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  socket.setTimeout(silenceMs, () => {
    socket.destroy(Object.assign(new Error(`MySQL has been silent for ${silenceMs} ms.`), { code: 'ETIMEDOUT' }));
  });
  return socket;
}
