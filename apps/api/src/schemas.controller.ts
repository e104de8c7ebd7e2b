import { Controller, Get } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from './access/requires.decorator.js';
import { WORKFLOW_JSON_SCHEMA } from './wire/workflow.js';

/** The forms of what callers write, as JSON Schema. */
@ApiTags('workflows')
@Controller('api/v1/schemas')
export class SchemasController {
  @Get('workflow')
  @Requires('viewer')
  @ApiResponse({ status: 200, description: 'The canonical form of a workflow, as JSON Schema.' })
  workflow(): object {
    return WORKFLOW_JSON_SCHEMA;
  }
}
