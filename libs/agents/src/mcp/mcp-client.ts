import type { CallToolResult, Client, jsonSchemaValidator } from '@modelcontextprotocol/client';
import { BatonError, type JsonObject, type OutboundAuth, type OutboundHttp } from '@baton/core';
import { outboundFetch } from './outbound-fetch.js';

/** A server of tools, as the operator has named it. */
export interface McpServer {
  /** In the names of its tools. */
  readonly name: string;
  /** Of its streamable HTTP endpoint. */
  readonly url: string;
  /** The tools of it that agents may be given; the others are not there. */
  readonly tools: readonly string[];
  /** The tenants that have it; null: all. */
  readonly tenants: readonly string[] | null;
  /** A secret by its name; without it, calls carry none. */
  readonly auth?: OutboundAuth;
  /** Bound on one request. */
  readonly timeoutMs: number;
}

/** A tool as a server tells of it: nothing in it has been checked. */
export interface ListedTool {
  name: string;
  description?: string | undefined;
  inputSchema: JsonObject;
}

/** Pages of a list of tools. */
const MAX_PAGES = 20;

/** What a server says of its results is not held against them: the model reads them as they are. */
const ANY_OUTPUT: jsonSchemaValidator = {
  getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
};

/**
 * Speaks with one MCP server, over the guarded HTTP client alone. Each use is a connection of its own: no session outlives it, and a server
 * that was started anew is as good as before.
 */
export class McpClient {
  constructor(
    private readonly http: OutboundHttp,
    private readonly server: McpServer,
  ) {}

  /** @throws BatonError `mcp_failed`; the signal's reason once that has aborted. */
  listTools(tenantId: string, signal: AbortSignal): Promise<ListedTool[]> {
    return this.connected(tenantId, signal, async (client, options) => {
      const tools: ListedTool[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const list = await client.listTools({ ...(cursor !== undefined && { cursor }) }, options);
        tools.push(...(list.tools as ListedTool[]));
        cursor = list.nextCursor;
        if (cursor === undefined) break;
      }
      return tools;
    });
  }

  /** `idempotencyKey`: in the call's `_meta`, for servers that drop a repeat. @throws as `listTools`. */
  callTool(
    tenantId: string,
    call: { name: string; args: JsonObject; idempotencyKey: string },
    signal: AbortSignal,
  ): Promise<CallToolResult> {
    const { name, args, idempotencyKey } = call;
    const params = { name, arguments: args, _meta: { 'baton/idempotency_key': idempotencyKey } };
    return this.connected(tenantId, signal, (client, options) => client.callTool(params, options));
  }

  private async connected<T>(
    tenantId: string,
    signal: AbortSignal,
    work: (client: Client, options: { signal: AbortSignal; timeout: number }) => Promise<T>,
  ): Promise<T> {
    // A process without MCP servers does not pay for the SDK.
    const { Client, ProtocolError, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
    const { url, auth, timeoutMs } = this.server;
    let failure: unknown;
    const fetch = outboundFetch(this.http, {
      ...{ tenantId, timeoutMs, signal, ...(auth !== undefined && { auth }) },
      onFailure: (error) => void (failure ??= error),
    });
    const transport = new StreamableHTTPClientTransport(new URL(url), { fetch, reconnectionOptions: NEVER });
    const client = new Client(
      { name: 'baton', version: '1' },
      { capabilities: {}, versionNegotiation: { mode: 'auto' }, jsonSchemaValidator: ANY_OUTPUT },
    );
    try {
      const options = { signal, timeout: timeoutMs };
      await client.connect(transport, options);
      return await work(client, options);
    } catch (error) {
      signal.throwIfAborted();
      throw this.failed(failure ?? error, error instanceof ProtocolError);
    } finally {
      await transport.terminateSession().catch(() => undefined);
      await client.close().catch(() => undefined);
    }
  }

  /** `answered`: by the server itself, which would say the same again. */
  private failed(cause: unknown, answered: boolean): BatonError {
    if (cause instanceof BatonError && cause.code === 'rate_limited') return cause;
    const { name } = this.server;
    const message = cause instanceof Error ? cause.message : String(cause);
    const isRefused = cause instanceof BatonError && cause.code === 'http_refused';
    const detail = `The MCP server \`${name}\` did not do it: ${message.slice(0, MAX_MESSAGE_CHARS)}`;
    return new BatonError('mcp_failed', detail, { server: name }, { retryable: !isRefused && !answered });
  }
}

/** Of what a server says is wrong. */
const MAX_MESSAGE_CHARS = 500;

const NEVER = { maxRetries: 0, initialReconnectionDelay: 0, maxReconnectionDelay: 0, reconnectionDelayGrowFactor: 1 };
