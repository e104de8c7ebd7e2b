import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { RunPatcher } from '@baton/engine';
import type { Principal } from '@baton/platform';
import type { FastifyReply } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { Caller, Tenant } from './request-context.js';
import {
  DefinitionQuery,
  DefinitionReply,
  PatchBody,
  PreviewReply,
  RevisionReply,
  RevisionsQuery,
  RevisionsReply,
  toDefinitionReply,
  toPreviewReply,
  toRevisionReply,
  toRevisionsReply,
  UndoBody,
} from './wire/patch.js';

/** Changes of a run's definition while it runs. `/runs/{id}/patch…` is an alias of `/api/v1/runs/{id}/patch…`. */
@ApiTags('control')
@Controller()
export class PatchController {
  constructor(private readonly patcher: RunPatcher) {}

  @Post(['api/v1/runs/:id/patch', 'runs/:id/patch'])
  @Requires('operator')
  @HttpCode(201)
  @ApiResponse({ status: 201, standardSchema: RevisionReply, description: 'Accepted: the run takes it up at its next decision.' })
  @ApiResponse({
    status: 200,
    standardSchema: PreviewReply,
    description: 'With `dry_run`: the diff, and what stands against it.',
  })
  @ApiResponse({ status: 409, description: 'Another revision, nodes that have started, or a run that has ended.' })
  @ApiResponse({ status: 422, description: 'Not valid, or more than a run may add to itself.' })
  async patch(
    @Param('id') runId: string,
    @Body({ schema: PatchBody }) { patch, revision, reason, dry_run: dryRun }: PatchBody,
    @Caller() { name: by, tenantId }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevisionReply | PreviewReply> {
    const request = { tenantId, runId, revision: revision ?? null, patch, reason: reason ?? `patched by ${by}`, by };
    if (!dryRun) return toRevisionReply(await this.patcher.patch(request));
    reply.status(200);
    return toPreviewReply(runId, await this.patcher.preview(request));
  }

  @Post(['api/v1/runs/:id/patch/undo', 'runs/:id/patch/undo'])
  @Requires('operator')
  @HttpCode(201)
  @ApiResponse({ status: 201, standardSchema: RevisionReply, description: 'A revision with the definition from before.' })
  @ApiResponse({ status: 409, description: 'Another revision, something of it has started, or there is nothing to undo.' })
  async undo(
    @Param('id') runId: string,
    @Body({ schema: UndoBody }) { revision, reason }: UndoBody,
    @Caller() { name: by, tenantId }: Principal,
  ): Promise<RevisionReply> {
    const request = { tenantId, runId, revision, reason: reason ?? `undo of revision ${revision} by ${by}`, by };
    return toRevisionReply(await this.patcher.undo(request));
  }

  @Get('api/v1/runs/:id/revisions')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: RevisionsReply, description: 'Its patches and what became of them, newest first.' })
  async revisions(
    @Param('id') runId: string,
    @Query({ schema: RevisionsQuery }) { limit, before }: RevisionsQuery,
    @Tenant() tenantId: string,
  ): Promise<RevisionsReply> {
    const page = { limit, ...(before !== undefined && { before }) };
    return toRevisionsReply(await this.patcher.listRevisions(tenantId, runId, page), limit);
  }

  @Get('api/v1/runs/:id/definition')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: DefinitionReply, description: 'The definition that it has, or will have next.' })
  async definition(
    @Param('id') runId: string,
    @Query({ schema: DefinitionQuery }) { revision }: DefinitionQuery,
    @Tenant() tenantId: string,
  ): Promise<DefinitionReply> {
    return toDefinitionReply(runId, await this.patcher.readDefinition(tenantId, runId, revision));
  }
}
