import { Controller, Get, Req } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessControl, type Principal } from '@baton/platform';
import type { FastifyRequest } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { Caller } from './request-context.js';
import { MeReply } from './wire/me.js';

/** Whom the API takes the caller for. */
@ApiTags('operation')
@Controller('api/v1/me')
export class MeController {
  constructor(private readonly access: AccessControl) {}

  @Get()
  @Requires('viewer')
  @ApiResponse({
    status: 200,
    standardSchema: MeReply,
    description: 'The name, the role and the tenant of the token, and what they let it do.',
  })
  find(@Caller() caller: Principal, @Req() { server }: FastifyRequest): MeReply {
    const { name, role, tenantId } = caller;
    const operations = server.operationsOf(caller);
    return { name, role, tenant_id: tenantId, access: this.access.isOpen ? 'open' : 'token', operations };
  }
}
