import { Body, Controller, Get, Put, Req, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { RagConfigurator } from '@baton/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { RagConfigBody, RagConfigReply, toRagChange, toRagConfigReply } from './wire/rag.js';
import { runPath } from './wire/run.js';

/** How the tenant's documents are embedded and searched. `/api/rag/config` is an alias of `/api/v1/rag/config`. */
@ApiTags('retrieval')
@Controller(['api/v1/rag/config', 'api/rag/config'])
export class RagController {
  constructor(private readonly configurator: RagConfigurator) {}

  @Get()
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: RagConfigReply, description: 'What searches use, and the change under way.' })
  async find(@Tenant() tenantId: string): Promise<RagConfigReply> {
    return toRagConfigReply(await this.configurator.view(tenantId));
  }

  @Put()
  @Requires('admin')
  @ApiResponse({ status: 200, standardSchema: RagConfigReply, description: 'Changed: the vectors stay as they are.' })
  @ApiResponse({
    status: 202,
    standardSchema: RagConfigReply,
    description: 'Accepted: the run `reembed_run_id` embeds all documents anew and switches over at its end.',
  })
  async change(
    @Body({ schema: RagConfigBody }) body: RagConfigBody,
    @Tenant() tenantId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RagConfigReply> {
    const { view, run } = await this.configurator.change(tenantId, toRagChange(body));
    if (run !== null) {
      request.subject = { run_id: run.id };
      reply.status(202).header('location', runPath(run.id));
    }
    return toRagConfigReply(view);
  }
}
