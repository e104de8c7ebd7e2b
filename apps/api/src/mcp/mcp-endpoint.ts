import type { CallToolResult, ListToolsResult, McpHttpHandler, McpServer } from '@modelcontextprotocol/server';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { BatonError, type JsonObject } from '@baton/core';
import { hasRole, LOGGER, type BatonLogger, type Principal } from '@baton/platform';
import { Shutdown } from '../shutdown.js';
import { RunTools } from './run-tools.js';
import { refusal } from './tool-result.js';
import { WorkflowTools } from './workflow-tools.js';

/** Where a caller names a call, as Baton's own agents do when they call tools of MCP servers. */
const IDEMPOTENCY_KEY = 'baton/idempotency_key';

const INSTRUCTIONS =
  'Each tool but those that begin with baton_ is a workflow: a call starts a durable run of it, with the arguments as its input. A run that has not ended when the call is answered goes on: ask for it with baton_run.';

/** Who speaks, and how long they listen. */
interface Conversation {
  readonly caller: Principal;
  readonly gone: AbortSignal;
}

/** Speaks the Model Context Protocol over HTTP: any process answers any message, since nothing is kept between two of them. */
@Injectable()
export class McpEndpoint implements OnModuleDestroy {
  private handler: Promise<McpHttpHandler> | null = null;

  constructor(
    private readonly workflows: WorkflowTools,
    private readonly runs: RunTools,
    private readonly shutdown: Shutdown,
    @Inject(LOGGER) private readonly logger: BatonLogger,
  ) {}

  async onModuleDestroy(): Promise<void> {
    await (await this.handler)?.close();
  }

  /** `body`: as it was parsed. */
  async answer(request: Request, body: unknown, conversation: Conversation): Promise<Response> {
    this.handler ??= this.createHandler();
    const { fetch } = await this.handler;
    const authInfo = { token: '', clientId: conversation.caller.name, scopes: [], extra: { conversation } };
    return fetch(request, { authInfo, ...(body !== undefined && body !== null && { parsedBody: body }) });
  }

  private async createHandler(): Promise<McpHttpHandler> {
    // A process that is never spoken to does not pay for the SDK.
    const { createMcpHandler, McpServer: Server } = await import('@modelcontextprotocol/server');
    const onerror = (error: Error): void => this.logger.debug({ err: error }, 'An MCP message was refused');
    return createMcpHandler(
      ({ authInfo }) => this.serve(new Server(INFO, OPTIONS), authInfo!.extra!['conversation'] as Conversation),
      { onerror },
    );
  }

  private serve(server: McpServer, { caller, gone }: Conversation): McpServer {
    const signal = AbortSignal.any([gone, this.shutdown.signal]);
    server.server.setRequestHandler('tools/list', ({ params }) => this.foreseen(() => this.list(caller, params?.cursor)));
    server.server.setRequestHandler('tools/call', ({ params: { name, arguments: args = {} } }, { mcpReq: { _meta: meta } }) => {
      const key = meta?.[IDEMPOTENCY_KEY];
      const how = { key: typeof key === 'string' ? key : undefined, signal };
      return this.foreseen(() => this.call(caller, name, args as JsonObject, how));
    });
    return server;
  }

  private async list(caller: Principal, cursor: string | undefined): Promise<ListToolsResult> {
    const ofRuns = [...this.runs.tools.values()].filter(({ access }) => hasRole(caller, access)).map(({ tool }) => tool);
    if (!hasRole(caller, 'operator')) return { tools: ofRuns };
    const { tools, nextCursor } = await this.workflows.list(caller.tenantId, cursor);
    const ofWorkflows = tools.filter(({ name }) => !this.runs.tools.has(name));
    return { tools: [...(cursor === undefined ? ofRuns : []), ...ofWorkflows], ...(nextCursor !== undefined && { nextCursor }) };
  }

  private async call(
    caller: Principal,
    name: string,
    args: JsonObject,
    how: { key: string | undefined; signal: AbortSignal },
  ): Promise<CallToolResult> {
    try {
      const tool = this.runs.tools.get(name);
      const access = tool?.access ?? 'operator';
      if (!hasRole(caller, access)) throw new BatonError('forbidden', `This needs the role \`${access}\`.`);
      return await (tool?.call(caller, args, how.signal) ?? this.workflows.call(caller, name, args, how));
    } catch (error) {
      if (error instanceof BatonError) return refusal(error);
      throw error;
    }
  }

  /** What nobody foresaw is logged with its stack and told without it. */
  private async foreseen<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof BatonError) throw error;
      this.logger.error({ err: error }, 'An MCP message failed unexpectedly');
      throw new BatonError('internal', 'Something failed that should not.', {}, { cause: error });
    }
  }
}

const INFO = { name: 'baton', version: '1' };
const OPTIONS = { capabilities: { tools: {} }, instructions: INSTRUCTIONS };
