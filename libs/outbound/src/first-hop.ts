import { BatonError, type OutboundRequest } from '@baton/core';
import { refusedTarget } from './http-policy.js';
import type { Hop } from './redirect.js';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Headers that the client writes itself: they say where a message ends and where it goes. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'te', 'trailer', 'upgrade', 'expect'],
  ...['http2-settings', 'accept-encoding'],
]);
const MAX_HEADERS = 100;
const MAX_HEADER_BYTES = 65_536;

/**
 * The request as it is sent first: its headers in lower case.
 * @throws BatonError `http_refused`: no URL, a method or a header that is not the caller's to send, or more than may be sent.
 */
export function firstHop({ method, url, headers, body }: OutboundRequest, maxBytes: number): Hop {
  if (!URL.canParse(url)) throw refusedTarget(url, 'it is no URL');
  if (!METHODS.has(method)) throw refusedCall('This method is not called.');
  const named = Object.entries(headers).map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  const forbidden = named.find(([name]) => OWN_HEADERS.has(name) || name.startsWith('proxy-'));
  if (forbidden !== undefined) throw refusedCall(`The header \`${forbidden[0]}\` is not the caller's to set.`);
  const headerBytes = named.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (named.length > MAX_HEADERS || headerBytes > MAX_HEADER_BYTES) {
    throw refusedCall(`At most ${MAX_HEADERS} headers of ${MAX_HEADER_BYTES} bytes in all are sent.`);
  }
  if (body !== null && Buffer.byteLength(body) > maxBytes) throw refusedCall(`At most ${maxBytes} bytes are sent.`);
  return { url: new URL(url), method, headers: Object.fromEntries(named), body };
}

function refusedCall(sentence: string): BatonError {
  return new BatonError('http_refused', sentence, {}, { retryable: false });
}
