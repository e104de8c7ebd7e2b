import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { approvalId, BatonError, parseApprovalId, RunStore } from '@baton/core';
import { RunSignaller } from '@baton/engine';
import type { Principal } from '@baton/platform';
import { Requires } from './access/requires.decorator.js';
import { Caller, Tenant } from './request-context.js';
import { ApprovalReply, ApprovalsQuery, DecideBody, toApprovalReply } from './wire/approval.js';
import { pageOf, toPage } from './wire/page.js';

/** What waits for a person. `/approvals…` is an alias of `/api/v1/approvals…`. */
@ApiTags('approvals')
@Controller(['api/v1/approvals', 'approvals'])
export class ApprovalsController {
  constructor(
    private readonly runs: RunStore,
    private readonly signaller: RunSignaller,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiResponse({
    status: 200,
    standardSchema: pageOf(ApprovalReply),
    description: 'Open ones; what has waited longest comes first.',
  })
  async list(@Query({ schema: ApprovalsQuery }) { run_id: runId, limit, cursor }: ApprovalsQuery, @Tenant() tenantId: string) {
    const after = cursor === undefined ? {} : { after: { requestedAt: cursor.createdAt, id: cursor.id } };
    const open = await this.runs.openApprovals({ tenantId, ...(runId !== undefined && { runId }), ...after, limit: limit + 1 });
    const entries = open.map((approval) => ({ approval, createdAt: approval.requestedAt, id: approvalId(approval) }));
    return toPage(entries, limit, ({ approval }) => toApprovalReply(approval));
  }

  @Get(':id')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: ApprovalReply, description: 'What was asked, and who decided.' })
  async find(@Param('id') id: string, @Tenant() tenantId: string): Promise<ApprovalReply> {
    const key = parseApprovalId(id);
    const approval = key === null ? null : await this.runs.findApproval(key);
    if (approval !== null && approval.tenantId === tenantId) return toApprovalReply(approval);
    throw new BatonError('approval_not_found', `There is no approval \`${id}\`.`, { approval_id: id });
  }

  @Post(':id/decide')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: ApprovalReply, description: 'Decided: the run takes its branch.' })
  @ApiResponse({ status: 404, description: 'Nothing of this id waits.' })
  @ApiResponse({ status: 409, description: 'Decided before, or its time has passed.' })
  async decide(
    @Param('id') id: string,
    @Body({ schema: DecideBody }) { decision, comment, payload = null }: DecideBody,
    @Caller() { name: by, tenantId }: Principal,
  ): Promise<ApprovalReply> {
    return toApprovalReply(await this.signaller.decide(tenantId, id, { decision, by, comment: comment ?? null, payload }));
  }
}
