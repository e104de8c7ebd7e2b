import type { IncomingMessage } from 'node:http';

/** What a socket is opened on: everything, the runs of a workflow (or one run), or one run. */
export interface LiveTarget {
  kind: 'live' | 'workflows' | 'runs';
  /** Empty where everything is meant. */
  id: string;
  query: URLSearchParams;
}

/** Reads the address of a socket; null: there is none there. */
export function readTarget(url: string): LiveTarget | null {
  const [, path = '', query = ''] = /^([^?#]*)\??([^#]*)/.exec(url) ?? [];
  if (path === '/ws/live') return { kind: 'live', id: '', query: new URLSearchParams(query) };
  const [, kind, id] = /^\/ws\/(workflows|runs)\/([A-Za-z0-9._~%-]{1,200})$/.exec(path) ?? [];
  if ((kind !== 'workflows' && kind !== 'runs') || id === undefined) return null;
  try {
    return { kind, id: decodeURIComponent(id), query: new URLSearchParams(query) };
  } catch {
    return null;
  }
}

/** Whether a request goes to a socket; all others are ordinary ones, whatever they would rather be. */
export function opensSocket({ headers, url = '' }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && readTarget(url) !== null;
}
