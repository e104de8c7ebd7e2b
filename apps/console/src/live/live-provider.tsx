import { createContext, use, useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { onTokenChange, readToken } from '../api/token.js';
import { LiveClient, type LiveState } from './live-client.js';

export type { LiveState } from './live-client.js';

const client = new LiveClient({
  fetchToken: requestToken,
  open: (token) => new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws/live`, ['baton', token]),
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
