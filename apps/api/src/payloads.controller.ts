import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BatonError, BlobStore } from '@baton/core';
import type { FastifyReply } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { Sha256 } from './wire/payload.js';

/** Large inputs, outputs and results of runs, which refer to them by their SHA-256. */
@ApiTags('runs')
@Controller('api/v1/payloads')
export class PayloadsController {
  constructor(private readonly blobs: BlobStore) {}

  @Get(':sha256')
  @Requires('viewer')
  @ApiProduces('application/json')
  @ApiResponse({ status: 200, description: 'The payload, as the node or the caller gave it.' })
  @ApiResponse({ status: 404, description: 'There is no such payload.' })
  async read(@Param('sha256') text: string, @Tenant() tenantId: string, @Res() reply: FastifyReply): Promise<void> {
    const digest = Sha256.safeParse(text);
    const bytes = digest.success ? await this.blobs.get(tenantId, digest.data) : null;
    if (bytes === null) throw new BatonError('payload_not_found', `There is no payload \`${text.slice(0, 64)}\`.`);
    await reply
      .type('application/json; charset=utf-8')
      .headers({ 'x-content-type-options': 'nosniff', 'cache-control': 'private, no-cache', etag: `"${text}"` })
      .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}
