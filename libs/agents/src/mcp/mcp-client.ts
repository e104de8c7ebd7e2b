import type { CallToolResult, Client, jsonSchemaValidator } from '@modelcontextprotocol/client';
import { BatonError, type JsonObject, type OutboundHttp } from '@baton/core';
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
  readonly headers: Readonly<Record<string, string>>;
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
 * Speaks with one MCP server, over the guarded HTTP client alone. Each use is a connection of its own: no session outlives it, and a server that was started anew
 * is as good as before.
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
    const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
    const { url, headers, timeoutMs } = this.server;
    let failure: unknown;
    const fetch = outboundFetch(this.http, { headers, timeoutMs, signal, onFailure: (error) => void (failure ??= error) });
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
      throw this.failed(failure ?? error);
    } finally {
      await transport.terminateSession().catch(() => undefined);
      await client.close().catch(() => undefined);
    }
  }

  private failed(cause: unknown): BatonError {
    const { name } = this.server;
    const message = cause instanceof Error ? cause.message : String(cause);
    const isRefused = cause instanceof BatonError && cause.code === 'http_refused';
    const detail = `The MCP server \`${name}\` did not do it: ${message.slice(0, 500)}`;
    return new BatonError('mcp_failed', detail, { server: name }, { retryable: !isRefused });
  }
}

const NEVER = { maxRetries: 0, initialReconnectionDelay: 0, maxReconnectionDelay: 0, reconnectionDelayGrowFactor: 1 };
