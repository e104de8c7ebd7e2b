import type { Clock, OutboundHttp } from '@baton/core';
import type { CallableTool } from '../tools/agent-tool.js';
import type { ToolSource } from '../tools/agent-toolbox.js';
import { McpClient, type ListedTool, type McpServer } from './mcp-client.js';
import { McpTool, mcpToolName } from './mcp-tool.js';

/** How long a list of tools is good for. */
const LIST_MS = 300_000;

/** The tools of the MCP servers that the operator has named, each as `mcp__<server>__<tool>`. */
export class McpServers implements ToolSource {
  private readonly tools = new Map<string, { tool: CallableTool; tenants: readonly string[] | null }>();

  constructor(parts: { http: OutboundHttp; clock: Clock }, servers: readonly McpServer[]) {
    for (const server of servers) {
      const client = new McpClient(parts.http, server);
      const list = new ToolList(client, parts.clock);
      for (const name of server.tools) {
        const tool = new McpTool(server.name, name, client, (tenantId, signal) => list.read(tenantId, signal));
        this.tools.set(mcpToolName(server.name, name), { tool, tenants: server.tenants });
      }
    }
  }

  find(tenantId: string, name: string): CallableTool | null {
    const found = this.tools.get(name);
    return found === undefined || found.tenants?.includes(tenantId) === false ? null : found.tool;
  }

  get names(): string[] {
    return [...this.tools.keys()];
  }
}

/** What a server has, asked for again from time to time. A list that cannot be read is asked for at the next use. */
class ToolList {
  private readonly known = new Map<string, { at: number; tools: readonly ListedTool[] }>();

  constructor(
    private readonly client: McpClient,
    private readonly clock: Clock,
  ) {}

  async read(tenantId: string, signal: AbortSignal): Promise<readonly ListedTool[]> {
    const known = this.known.get(tenantId);
    if (known !== undefined && this.clock.monotonic() - known.at < LIST_MS) return known.tools;
    const tools = await this.client.listTools(tenantId, signal);
    if (this.known.size >= MAX_LISTS) this.known.clear();
    this.known.set(tenantId, { at: this.clock.monotonic(), tools });
    return tools;
  }
}

/** One a tenant. */
const MAX_LISTS = 1_000;
