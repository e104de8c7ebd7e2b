import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ArtifactStore, BatonError } from '@baton/core';
import type { FastifyReply } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { RunStatuses } from './run-statuses.js';
import { ArtifactReply, ArtifactsQuery, contentDisposition, toArtifactReply } from './wire/artifact.js';
import { pageOf, PageQuery, toPage } from './wire/page.js';

/** What runs leave behind for people. */
@ApiTags('artifacts')
@Controller('api/v1')
export class ArtifactsController {
  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly statuses: RunStatuses,
  ) {}

  @Get('artifacts')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: pageOf(ArtifactReply), description: 'Newest first.' })
  async list(@Query({ schema: ArtifactsQuery }) { run_id: runId, limit, cursor }: ArtifactsQuery, @Tenant() tenantId: string) {
    const before = cursor === undefined ? {} : { before: cursor };
    const artifacts = await this.artifacts.list({
      tenantId,
      ...(runId !== undefined && { runId }),
      ...before,
      limit: limit + 1,
    });
    return toPage(artifacts, limit, toArtifactReply);
  }

  @Get('runs/:id/artifacts')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: pageOf(ArtifactReply), description: 'Those of one run, newest first.' })
  async listOfRun(@Param('id') id: string, @Query({ schema: PageQuery }) query: PageQuery, @Tenant() tenantId: string) {
    const run = await this.statuses.require(tenantId, id);
    return this.list({ ...query, run_id: run.id }, tenantId);
  }

  @Get('artifacts/:id')
  @Requires('viewer')
  @ApiProduces('application/octet-stream')
  @ApiResponse({ status: 200, description: 'Its bytes, to be kept as a file: whatever it is, no page of this origin.' })
  @ApiResponse({ status: 404, description: 'There is no such artifact.' })
  async download(@Param('id') id: string, @Tenant() tenantId: string, @Res() reply: FastifyReply): Promise<void> {
    const artifact = await this.artifacts.find(tenantId, id);
    if (artifact === null) throw new BatonError('artifact_not_found', `There is no artifact \`${id}\`.`, { artifact_id: id });
    const content = await this.artifacts.read(artifact);
    await reply
      .type(artifact.mediaType)
      .headers({
        'content-disposition': contentDisposition(artifact.name),
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, no-cache',
        etag: `"${artifact.digest}"`,
      })
      .send(Buffer.from(content.buffer, content.byteOffset, content.byteLength));
  }
}
