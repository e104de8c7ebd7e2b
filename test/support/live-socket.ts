import { WebSocket, type ClientOptions } from 'ws';
import type { JsonObject } from '@baton/core';
import { call, textOf } from './client.js';

/** A client of a WebSocket of the API. */
export interface LiveSocket {
  readonly socket: WebSocket;
  /** Everything that it was told, pings left out. */
  readonly messages: readonly JsonObject[];
  send(message: object): void;
  /** Resolves with what came since the last call as soon as `enough` says so of it. @throws Error when the socket closes before. */
  read(enough: (messages: readonly JsonObject[]) => boolean): Promise<JsonObject[]>;
  /** Resolves when the socket is closed. */
  closed(): Promise<{ code: number; reason: string }>;
}

/** A token of WebSockets for an API token, or for whoever asks where none is needed. */
export async function wsToken(url: string, apiToken?: string): Promise<string> {
  const headers: Record<string, string> = apiToken === undefined ? {} : { authorization: `Bearer ${apiToken}` };
  const { body } = await call(url, 'POST', '/api/v1/ws-tokens', {}, headers);
  return textOf(body, 'token');
}

/** Opens a socket; the promise is rejected with the status where the handshake is refused. */
export async function openSocket(url: string, path: string, token: string, options: ClientOptions = {}): Promise<LiveSocket> {
  const socket = new WebSocket(url.replace('http', 'ws') + path, ['baton', token], options);
  const messages: JsonObject[] = [];
  let taken = 0;
  let end: { code: number; reason: string } | null = null;
  const wakers = new Set<() => void>();
  const wake = (): void => wakers.forEach((waker) => waker());
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as JsonObject;
    if (message['type'] !== 'ping') messages.push(message);
    wake();
  });
  socket.on('close', (code, reason) => {
    end = { code, reason: reason.toString() };
    wake();
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.on('open', resolve);
  socket.on('unexpected-response', (_request, { statusCode }) => reject(new Error(String(statusCode))));
  socket.on('error', reject);
  await promise;
  const until = async (reached: () => boolean): Promise<void> => {
    while (!reached()) {
      const { promise: woken, resolve: waker } = Promise.withResolvers<void>();
      wakers.add(waker);
      await woken;
      wakers.delete(waker);
    }
  };
  return {
    socket,
    messages,
    send: (message) => socket.send(JSON.stringify(message)),
    async read(enough) {
      await until(() => end !== null || enough(messages.slice(taken)));
      const some = messages.slice(taken);
      if (!enough(some)) throw new Error(`closed: ${JSON.stringify(end)}; ${JSON.stringify(some)}`);
      taken = messages.length;
      return some;
    },
    async closed() {
      await until(() => end !== null);
      return end!;
    },
  };
}
