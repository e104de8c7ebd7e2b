import type { OutboundAuth, OutboundHttp } from '@baton/core';

interface OutboundFetchOptions {
  tenantId: string;
  auth?: OutboundAuth;
  /** Of one request. */
  timeoutMs: number;
  signal: AbortSignal;
  /** Told of each failure, which its caller may hide. */
  onFailure(error: unknown): void;
}

/**
 * `fetch` through the guarded client, as far as the transport of MCP needs it: the answer is read whole, within the client's bounds, and a
 * redirect is the answer. A stream of a server's own messages is refused as by a server that has none.
 */
export function outboundFetch(http: OutboundHttp, options: OutboundFetchOptions) {
  const { signal, onFailure, ...common } = options;
  return async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const method = init.method ?? 'GET';
    if (method === 'GET') return new Response(null, { status: 405 });
    try {
      const response = await http.send({
        ...{ ...common, method, url: String(url), maxRedirects: 0 },
        headers: Object.fromEntries(new Headers(init.headers)),
        body: typeof init.body === 'string' ? init.body : null,
        signal: init.signal ? AbortSignal.any([signal, init.signal]) : signal,
      });
      const hasBody = response.body.byteLength > 0 && ![204, 205, 304].includes(response.status);
      const body = hasBody ? Uint8Array.from(response.body) : null;
      return new Response(body, { status: response.status, headers: response.headers });
    } catch (error) {
      onFailure(error);
      throw error;
    }
  };
}
