import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiExcludeEndpoint, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '@baton/platform';
import { Requires } from '../access/requires.decorator.js';
import { Caller, callerGone } from '../request-context.js';
import { McpEndpoint } from './mcp-endpoint.js';

/** What the protocol has no use for, and need not know. */
const KEPT_BACK = new Set(['authorization', 'cookie', 'content-length', 'transfer-encoding']);

/** Workflows as tools of the Model Context Protocol. */
@ApiTags('mcp')
@Controller('mcp')
export class McpController {
  constructor(private readonly endpoint: McpEndpoint) {}

  /** One message of the Model Context Protocol (streamable HTTP, without sessions). */
  @Post()
  @Requires('viewer')
  @ApiBody({ schema: { type: 'object', additionalProperties: true } })
  @ApiResponse({ status: 200, description: 'The answer, as JSON or as a stream of events.' })
  @ApiResponse({ status: 202, description: 'A notification was heard.' })
  async message(@Req() request: FastifyRequest, @Caller() caller: Principal, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(request, caller, reply);
  }

  /** There is no session to listen to: 405, as clients expect it. */
  @Get()
  @Requires('viewer')
  @ApiExcludeEndpoint()
  async listen(@Req() request: FastifyRequest, @Caller() caller: Principal, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(request, caller, reply);
  }

  private async answer(request: FastifyRequest, caller: Principal, reply: FastifyReply): Promise<void> {
    const gone = callerGone(reply);
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      KEPT_BACK.has(name) || value === undefined ? [] : [[name, String(value)]],
    );
    const { method, body } = request;
    const message = new Request('http://baton.invalid/mcp', { method, headers, signal: gone });
    await reply.send(await this.endpoint.answer(message, body, { caller, gone }));
  }
}
