import { Controller, Get, HttpCode, Optional, Post } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { BatonError } from '@baton/core';
import { z } from 'zod';
import { Requires } from './access/requires.decorator.js';
import { Demo } from './demo.js';

const DemoReply = z.object({
  enabled: z.boolean(),
  run_id: z.string().nullable().describe('The run to look at; null: it is still being prepared, or there is no demo.'),
  worker_alive: z.boolean().describe('False: it has just been killed and is started again, or there is no demo.'),
});
const KilledReply = z.object({ killed: z.boolean().describe('False: it was being started just then.') });

/** The local demo of `npm start`: what it shows, and the button that kills its worker. */
@ApiTags('operation')
@Controller('api/v1/demo')
export class DemoController {
  constructor(@Optional() private readonly demo?: Demo) {}

  @Get()
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: DemoReply })
  read(): z.infer<typeof DemoReply> {
    const { demo } = this;
    return { enabled: demo !== undefined, run_id: demo?.runId ?? null, worker_alive: demo?.hasWorker ?? false };
  }

  @Post('worker/kill')
  @Requires('admin')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: KilledReply, description: '`kill -9` of the worker of the demo.' })
  @ApiResponse({ status: 404, description: 'There is no demo here.' })
  killWorker(): z.infer<typeof KilledReply> {
    if (this.demo === undefined) throw new BatonError('not_found', 'There is no demo here.');
    return { killed: this.demo.killWorker() };
  }
}
