import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

/** An MCP server on loopback, made from the SDK: `add`, `shout`, `fail`, `long`, and `hidden`. */
export interface TestMcpServer {
  readonly url: string;
  /** Calls of tools, with the idempotency key that came along. */
  readonly calls: { name: string; key: unknown }[];
  /** Requests of any kind. */
  readonly requests: { method: string | undefined; authorization: string | undefined }[];
  close(): Promise<void>;
}

export async function startMcpServer(): Promise<TestMcpServer> {
  const calls: TestMcpServer['calls'] = [];
  const requests: TestMcpServer['requests'] = [];
  const handler = createMcpHandler(() => testTools(calls));
  const server = createServer((request, response) => {
    requests.push({ method: request.method, authorization: request.headers.authorization });
    void answer(handler, request).then(async (answered) => {
      response.writeHead(answered.status, Object.fromEntries(answered.headers));
      response.end(Buffer.from(await answered.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}/mcp`, calls, requests },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function testTools(calls: TestMcpServer['calls']): McpServer {
  const server = new McpServer({ name: 'test', version: '1' });
  const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] });
  const numbers = z.object({ a: z.number().describe('The first.'), b: z.number() });
  server.registerTool(
    'add',
    { description: 'Adds two numbers.', inputSchema: numbers },
    ({ a, b }, { mcpReq: { _meta: meta } }) => {
      calls.push({ name: 'add', key: meta?.['baton/idempotency_key'] });
      return { ...text(String(a + b)), structuredContent: { sum: a + b } };
    },
  );
  server.registerTool('shout', { inputSchema: z.object({ words: z.string().regex(/^[a-z ]+$/) }) }, ({ words }) =>
    text(words.toUpperCase()),
  );
  server.registerTool('fail', { inputSchema: z.object({}) }, () => ({ ...text('It is broken.'), isError: true }));
  server.registerTool('long', { inputSchema: z.object({}) }, () => text('x'.repeat(200_000)));
  server.registerTool('hidden', { inputSchema: z.object({}) }, () => text('secret'));
  return server;
}

async function answer(handler: { fetch(request: Request): Promise<Response> }, request: IncomingMessage): Promise<Response> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const hasBody = parts.length > 0;
  const url = `http://${request.headers.host}${request.url}`;
  return handler.fetch(new Request(url, { method: request.method!, headers, ...(hasBody && { body: Buffer.concat(parts) }) }));
}
