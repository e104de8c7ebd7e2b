import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { ArtifactStore, BatonError, isTerminal, keepReport, readReport, ReportRenderer, type RunWithResult } from '@baton/core';
import { RunPayloads } from '@baton/engine';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { RunStatuses } from './run-statuses.js';
import { toArtifactReply } from './wire/artifact.js';
import { ReportBody, ReportReply } from './wire/report.js';

/** Reports of what runs have found out. */
@ApiTags('artifacts')
@Controller('api/v1/runs')
export class ReportsController {
  constructor(
    private readonly statuses: RunStatuses,
    private readonly payloads: RunPayloads,
    private readonly renderer: ReportRenderer,
    private readonly artifacts: ArtifactStore,
  ) {}

  @Post(':id/reports')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({
    status: 200,
    standardSchema: ReportReply,
    description: 'The report of its result, an artifact for each format.',
  })
  @ApiResponse({ status: 409, description: 'The run has not ended.' })
  async make(
    @Param('id') id: string,
    @Body({ schema: ReportBody }) { formats, title }: ReportBody,
    @Tenant() tenantId: string,
  ): Promise<ReportReply> {
    const run = await this.statuses.require(tenantId, id);
    if (!isTerminal(run.status)) throw new BatonError('run_not_ended', `The run \`${id}\` has not ended.`, { run_id: id });
    const report = await this.read(run, title);
    const draft = { tenantId, runId: run.id, nodeId: null, key: 'result', formats: [...new Set(formats)] };
    return {
      items: (await keepReport({ renderer: this.renderer, artifacts: this.artifacts }, report, draft)).map(toArtifactReply),
    };
  }

  private async read(run: RunWithResult, title: string | undefined) {
    const result = await this.payloads.open(run.tenantId, run.output);
    const error = run.error === null ? null : run.error.message;
    const report = readReport(result, { createdAt: run.finishedAt ?? run.createdAt, ...(title !== undefined && { title }) });
    const hasTitle = title !== undefined || report.title !== 'Report';
    return { ...report, ...(!hasTitle && { title: run.workflow.name }), error: report.error ?? error };
  }
}
