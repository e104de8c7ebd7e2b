import type { CallToolResult } from '@modelcontextprotocol/client';
import { BatonError, compileJsonSchema, type JsonObject, type JsonSchema, type JsonValue } from '@baton/core';
import {
  parseArguments,
  resultOf,
  type CallableTool,
  type ToolContext,
  type ToolMistake,
  type ToolOffer,
} from '../tools/agent-tool.js';
import { logCall } from '../tools/log-call.js';
import { wholeCharacters } from '../tools/tool-result.js';
import type { ListedTool, McpClient } from './mcp-client.js';

const MAX_DESCRIPTION_CHARS = 4_000;

/** The name under which agents know a tool of an MCP server. */
export function mcpToolName(server: string, tool: string): string {
  return `mcp__${server}__${tool}`;
}

/** A tool of an MCP server. Its schema is checked and bounded; what its regular expressions say is left to the server. */
export class McpTool implements CallableTool {
  readonly name: string;
  /** What was made of what the server tells: the same as long as its list is kept. */
  private readonly offers = new WeakMap<ListedTool, ToolOffer>();

  constructor(
    private readonly server: string,
    private readonly remoteName: string,
    private readonly client: McpClient,
    private readonly list: (tenantId: string, signal: AbortSignal) => Promise<readonly ListedTool[]>,
  ) {
    this.name = mcpToolName(server, remoteName);
  }

  /** @throws BatonError `tool_not_found` where the server has it no more, `mcp_failed`. */
  async offer(tenantId: string, signal: AbortSignal): Promise<ToolOffer> {
    const listed = (await this.list(tenantId, signal)).find(({ name }) => name === this.remoteName);
    if (listed === undefined) {
      const detail = `The MCP server \`${this.server}\` has no tool \`${this.remoteName}\`.`;
      throw new BatonError('tool_not_found', detail, { tool: this.name });
    }
    const offer = this.offers.get(listed) ?? this.read(listed);
    this.offers.set(listed, offer);
    return offer;
  }

  async invoke(context: ToolContext, text: string, key: string): Promise<JsonValue> {
    const read = parseArguments(text);
    if ('error' in read) return { error: read.error };
    const args = read.value as JsonObject;
    const idempotencyKey = `${context.idempotencyKey}/${key}`;
    const { name } = this;
    return context.step(key, (signal) => {
      const call = () =>
        resultOf(async () => {
          const asked = { name: this.remoteName, args, idempotencyKey };
          return shownResult(await this.client.callTool(context.tenantId, asked, signal));
        }, signal);
      return logCall(context.log, { name }, call);
    });
  }

  private read(listed: ListedTool): ToolOffer {
    const compiled = compileJsonSchema(listed.inputSchema, { lenient: true });
    if ('problem' in compiled) {
      const detail = `The MCP server \`${this.server}\` describes \`${this.remoteName}\` by a schema that cannot be used: ${compiled.problem}`;
      throw new BatonError('mcp_failed', detail, { tool: this.name }, { retryable: false });
    }
    const { schema } = compiled;
    const description = wholeCharacters((listed.description ?? '').slice(0, MAX_DESCRIPTION_CHARS));
    return {
      tool: { name: this.name, description, parameters: schema.json },
      check: (text) => mistakeIn(text, schema),
    };
  }
}

function mistakeIn(text: string, { check, example }: JsonSchema): ToolMistake | null {
  const read = parseArguments(text);
  const shown = example === undefined ? {} : { example };
  if ('error' in read) return { error: read.error, ...shown };
  const { value } = read;
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return { error: 'the arguments are not an object', ...shown };
  const problems = check(value as JsonObject);
  return problems.length === 0 ? null : { error: problems.join('; '), ...shown };
}

/** What a model can read of a result: its data, its text, and what else there is by its kind. */
function shownResult({ content, structuredContent, isError = false }: CallToolResult): JsonObject {
  const text = content.map((block) => {
    if (block.type === 'text') return block.text;
    if (block.type === 'resource_link') return `[${block.name}](${block.uri})`;
    if (block.type === 'resource' && 'text' in block.resource) return block.resource.text;
    return `(${block.type} that cannot be shown)`;
  });
  if (isError) return { error: text.join('\n') || 'The tool failed.' };
  if (structuredContent !== undefined) return { data: structuredContent as JsonValue };
  return { text: text.join('\n') };
}
