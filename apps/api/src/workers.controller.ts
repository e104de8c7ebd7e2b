import { Controller, Get } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { WorkerRegistry } from '@baton/core';
import { Requires } from './access/requires.decorator.js';
import { toWorkerReply, WorkersReply } from './wire/worker.js';

/** The worker processes that are alive, or were a little while ago. */
@ApiTags('operation')
@Controller('api/v1/workers')
export class WorkersController {
  constructor(private readonly workers: WorkerRegistry) {}

  @Get()
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: WorkersReply })
  async list() {
    return { items: (await this.workers.list()).map(toWorkerReply) };
  }
}
