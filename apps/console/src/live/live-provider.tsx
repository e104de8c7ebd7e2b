import { createContext, use, useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { onTokenChange, readToken } from '../api/token.js';
import { LiveClient, type LiveSocket, type LiveState, type SocketListener } from './live-client.js';

export type { LiveState } from './live-client.js';

const client = new LiveClient({
  fetchToken: requestToken,
  open: openSocket,
  schedule: (action, ms) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
});

async function requestToken(): Promise<string> {
  const token = readToken();
  const headers = { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) };
  const answer = await fetch('/api/v1/ws-tokens', { method: 'POST', headers, body: '{}', credentials: 'omit' });
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  return ((await answer.json()) as { token: string }).token;
}

function openSocket(token: string, { onOpen, onMessage, onClose }: SocketListener): LiveSocket {
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws/live`, ['baton', token]);
  socket.addEventListener('open', onOpen);
  socket.addEventListener('message', ({ data }) => onMessage(String(data)));
  socket.addEventListener('close', ({ code }) => onClose(code));
  return socket;
}

const LiveContext = createContext(client);

/** Keeps the one live connection of the page. */
export function LiveProvider({ children }: { children: ReactNode }) {
  useEffect(() => {
    const reconnect = () => client.reconnect();
    const endTokens = onTokenChange(reconnect);
    window.addEventListener('online', reconnect);
    client.start();
    return () => {
      endTokens();
      window.removeEventListener('online', reconnect);
      client.stop();
    };
  }, []);
  return <LiveContext value={client}>{children}</LiveContext>;
}

export function useLiveClient(): LiveClient {
  return use(LiveContext);
}

/** How the live connection is. */
export function useLiveState(): LiveState {
  const live = useLiveClient();
  return useSyncExternalStore(
    (listener) => live.onState(listener),
    () => live.state,
  );
}
