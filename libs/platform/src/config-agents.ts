import type { McpServer } from '@baton/agents';
import { z } from 'zod';
import { endpointUrl, settings, variable } from './config-kinds.js';

/** With `mcp__` and the server's name before it, a tool has a name that models take: 64 characters. */
const ServerName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,19}$/, 'must be lower case, digits and `-`, at most 20');
const RemoteToolName = z.string().regex(/^[A-Za-z0-9_-]{1,37}$/, 'must be letters, digits, `_` and `-`, at most 37');
const Secret = z.string().min(1).max(64);

const ServerSchema = z.strictObject({
  url: endpointUrl.schema,
  tools: z.array(RemoteToolName).min(1).max(200),
  tenants: z.array(z.string().min(1).max(64)).min(1).nullable().default(null),
  auth: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('bearer'), secret: Secret }),
      z.strictObject({ type: z.literal('header'), secret: Secret, header: z.string().min(1).max(100) }),
    ])
    .optional(),
  /** Seconds. */
  timeout: z.number().min(0.1).max(3_600).default(30),
});

const McpServersSchema = z.record(ServerName, ServerSchema).transform((servers) =>
  Object.entries(servers).map(([name, { timeout, auth, ...server }]): McpServer => {
    return { name, ...server, ...(auth !== undefined && { auth }), timeoutMs: Math.round(timeout * 1_000) };
  }),
);

/** What agents can be given. */
export const agents = {
  mcpServers: variable(
    'MCP_SERVERS',
    settings('servers by name, as {"docs": {"url": "https://…", "tools": ["find"]}}', McpServersSchema),
    '{}',
    'MCP servers whose tools agents may be given, called through the same guard as nodes; see docs/agents.md.',
  ),
};
