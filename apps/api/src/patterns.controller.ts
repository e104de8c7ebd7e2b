import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { BatonError, type PatternSpec } from '@baton/core';
import { PatternCatalog } from '@baton/engine';
import type { FastifyReply } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import {
  ExpandBody,
  ExpansionReply,
  PatternBody,
  PatternReply,
  PatternsReply,
  toExpansionReply,
  toPatternReply,
} from './wire/pattern.js';

/** Ways for agents to work together, which expand to the nodes of a workflow. */
@ApiTags('patterns')
@Controller('api/v1/patterns')
export class PatternsController {
  constructor(private readonly catalog: PatternCatalog) {}

  @Get(['available', ''])
  @Requires('viewer')
  @ApiResponse({
    status: 200,
    standardSchema: PatternsReply,
    description: 'Those of Baton first, then those that are kept as data.',
  })
  async list(@Tenant() tenantId: string) {
    return { patterns: (await this.catalog.list(tenantId)).map(toPatternReply) };
  }

  /** Keeps a pattern of one's own. Its example must expand. */
  @Post()
  @Requires('operator')
  @ApiResponse({ status: 201, standardSchema: PatternReply, description: 'The pattern is kept.' })
  @ApiResponse({ status: 409, description: 'The name belongs to another pattern.' })
  @ApiResponse({ status: 422, description: 'The schema, the template or the example is not valid: `problems`.' })
  async create(
    @Body({ schema: PatternBody }) spec: PatternSpec,
    @Tenant() tenantId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PatternReply> {
    await this.catalog.create(tenantId, spec);
    reply.header('location', `/api/v1/patterns/${spec.name}`);
    return this.find(spec.name, tenantId);
  }

  @Get(':name')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: PatternReply })
  async find(@Param('name') name: string, @Tenant() tenantId: string): Promise<PatternReply> {
    const found = await this.catalog.find(tenantId, name);
    if (found === null) throw new BatonError('pattern_not_found', `There is no pattern \`${name}\`.`, { pattern: name });
    return toPatternReply(found);
  }

  /** Replaces a pattern of one's own. Workflows that were made of it stay as they are. */
  @Put(':name')
  @Requires('operator')
  @ApiResponse({ status: 200, standardSchema: PatternReply })
  async replace(
    @Param('name') name: string,
    @Body({ schema: PatternBody }) spec: PatternSpec,
    @Tenant() tenantId: string,
  ): Promise<PatternReply> {
    if (spec.name !== name) {
      const problems = [{ pointer: '/name', message: `the pattern is called \`${name}\`` }];
      throw new BatonError('pattern_invalid', 'A pattern keeps its name.', { pattern: name }, { problems });
    }
    await this.catalog.replace(tenantId, spec);
    return this.find(name, tenantId);
  }

  @Delete(':name')
  @Requires('operator')
  @HttpCode(204)
  @ApiResponse({ status: 204, description: 'It is no longer offered. Workflows that were made of it stay as they are.' })
  async remove(@Param('name') name: string, @Tenant() tenantId: string): Promise<void> {
    await this.catalog.remove(tenantId, name);
  }

  /** The nodes that it makes of these parameters; keeps nothing. */
  @Post(':name/expand')
  @Requires('viewer')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: ExpansionReply })
  @ApiResponse({ status: 422, description: 'The parameters do not fit: `problems`.' })
  async expand(
    @Param('name') name: string,
    @Body({ schema: ExpandBody }) { parameters }: ExpandBody,
    @Tenant() tenantId: string,
  ) {
    return toExpansionReply(await this.catalog.expand(tenantId, name, parameters));
  }
}
