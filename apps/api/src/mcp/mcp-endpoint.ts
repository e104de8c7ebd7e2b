import type { CallToolResult, ListToolsResult, McpHttpHandler, McpServer } from '@modelcontextprotocol/server';
import { Inject, Injectable } from '@nestjs/common';
import { BatonError, type JsonObject } from '@baton/core';
import { hasRole, LOGGER, type BatonLogger, type Principal } from '@baton/platform';
import { invalidRequest } from '../problems/validation.js';
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
export class McpEndpoint {
  private handler: Promise<McpHttpHandler> | null = null;

  constructor(
    private readonly workflows: WorkflowTools,
    private readonly runs: RunTools,
    private readonly shutdown: Shutdown,
    @Inject(LOGGER) private readonly logger: BatonLogger,
  ) {}

  /** `body`: as it was parsed. @throws BatonError `invalid_request` for several messages. */
  async answer(request: Request, body: unknown, conversation: Conversation): Promise<Response> {
    // Each could start a run and wait for it, and no bound would count them.
    if (Array.isArray(body)) throw invalidRequest([{ pointer: '', message: 'must be one message: send each by itself' }]);
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
      // Nothing is told of later: a subscription would hold its connection for nothing. What is not subscribed to ends by itself, which is why
      // the handler is never closed: that would cut off the answers that waiting calls are given when the process goes down.
      { onerror, maxSubscriptions: 0 },
    );
  }

  private serve(server: McpServer, { caller, gone }: Conversation): McpServer {
    const signal = AbortSignal.any([gone, this.shutdown.signal]);
    server.server.setRequestHandler('tools/list', ({ params }) => this.foreseen(() => this.list(caller, params?.cursor)));
    server.server.setRequestHandler('tools/call', ({ params: { name, arguments: args = {} } }, { mcpReq: { _meta: meta } }) => {
      const how = { key: meta?.[IDEMPOTENCY_KEY], signal };
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
    how: { key: unknown; signal: AbortSignal },
  ): Promise<CallToolResult> {
    try {
      const tool = this.runs.tools.get(name);
      const access = tool?.access ?? 'operator';
      if (!hasRole(caller, access)) throw new BatonError('forbidden', `This needs the role \`${access}\`.`);
      return await (tool?.call(caller, args, how.signal) ??
        this.workflows.call(caller, name, args, { ...how, key: readKey(how.key) }));
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

/** @throws BatonError `invalid_request` for what is no text: the caller counts on it. */
function readKey(key: unknown): string | undefined {
  if (key === undefined || typeof key === 'string') return key;
  throw invalidRequest([{ pointer: '/_meta/baton~1idempotency_key', message: 'must be text' }]);
}

const INFO = { name: 'baton', version: '1' };
const OPTIONS = { capabilities: { tools: {} }, instructions: INSTRUCTIONS };
