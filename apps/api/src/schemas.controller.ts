import { Controller, Get } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { WorkerRegistry } from '@baton/core';
import { Requires } from './access/requires.decorator.js';
import { NodeTypesReply, toNodeTypesReply } from './wire/node-type.js';
import { WORKFLOW_JSON_SCHEMA } from './wire/workflow.js';

/** The forms of what callers write, as JSON Schema. */
@ApiTags('workflows')
@Controller('api/v1/schemas')
export class SchemasController {
  constructor(private readonly workers: WorkerRegistry) {}

  @Get('workflow')
  @Requires('viewer')
  @ApiResponse({ status: 200, description: 'The canonical form of a workflow, as JSON Schema.' })
  workflow(): object {
    return WORKFLOW_JSON_SCHEMA;
  }

  @Get('nodes')
  @Requires('viewer')
  @ApiResponse({
    status: 200,
    standardSchema: NodeTypesReply,
    description: 'The node types, each with its config as JSON Schema.',
  })
  async nodes() {
    return toNodeTypesReply(await this.workers.list());
  }
}
