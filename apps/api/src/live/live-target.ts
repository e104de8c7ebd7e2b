import type { IncomingMessage } from 'node:http';

/** What a socket is opened on. */
export interface LiveTarget {
  kind: 'live';
  query: URLSearchParams;
}

/** Reads the address of a socket; null: there is none there. */
export function readTarget(url: string): LiveTarget | null {
  const [, path = '', query = ''] = /^([^?#]*)\??([^#]*)/.exec(url) ?? [];
  if (path === '/ws/live') return { kind: 'live', query: new URLSearchParams(query) };
  return null;
}

/** Whether a request goes to a socket; all others are ordinary ones, whatever they would rather be. */
export function opensSocket({ headers, url = '' }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && readTarget(url) !== null;
}
