import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { approvalId, BatonError, Clock, parseApprovalId, rolesWithin, RunStore, WorkflowStore, type Approval } from '@baton/core';
import { ApprovalLinks, decisionRefusal, RunSignaller } from '@baton/engine';
import { hasRole, type Principal } from '@baton/platform';
import { Requires } from './access/requires.decorator.js';
import { AnswerBound } from './answer-bound.js';
import { Caller } from './request-context.js';
import {
  ApprovalReply,
  ApprovalsQuery,
  DecideBody,
  LinkReply,
  MakeLinkBody,
  toApprovalFilter,
  toApprovalReply,
  toLinkReply,
} from './wire/approval.js';
import { pageOf, toPage } from './wire/page.js';

/** What deciding asks for, whatever the approval says. */
const DECIDES = 'operator';

/** What waits for people. `/approvals…` is an alias of `/api/v1/approvals…`. */
@ApiTags('approvals')
@Controller(['api/v1/approvals', 'approvals'])
export class ApprovalsController {
  constructor(
    private readonly runs: RunStore,
    private readonly workflows: WorkflowStore,
    private readonly signaller: RunSignaller,
    private readonly approvalLinks: ApprovalLinks,
    private readonly clock: Clock,
    private readonly bound: AnswerBound,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiResponse({
    status: 200,
    standardSchema: pageOf(ApprovalReply),
    description: 'Of open ones, what has waited longest comes first; of others, what was asked for last.',
  })
  async list(@Query({ schema: ApprovalsQuery }) query: ApprovalsQuery, @Caller() caller: Principal) {
    const { tenantId } = caller;
    const { workflow, limit, cursor } = query;
    const toReply = (approval: Approval): ApprovalReply => this.replyTo(caller, approval);
    const workflowId = workflow === undefined ? undefined : (await this.workflows.find(tenantId, workflow))?.id;
    if (workflow !== undefined && workflowId === undefined) return toPage([], limit, toReply);
    const found = await this.runs.listApprovals({
      ...{ tenantId, ...toApprovalFilter(query, this.clock.now()), limit: limit + 1 },
      ...(workflowId !== undefined && { workflowId }),
      ...(cursor !== undefined && { after: { requestedAt: cursor.createdAt, id: cursor.id } }),
    });
    const entries = found.map((approval) => ({ ...approval, createdAt: approval.requestedAt, id: approvalId(approval) }));
    return toPage(entries, limit, toReply);
  }

  @Get(':id')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: ApprovalReply, description: 'What is asked of whom, and who has decided how.' })
  async find(@Param('id') id: string, @Caller() caller: Principal): Promise<ApprovalReply> {
    const key = parseApprovalId(id);
    const approval = key === null ? null : await this.runs.findApproval(key);
    if (approval !== null && approval.tenantId === caller.tenantId) return this.replyTo(caller, approval);
    throw new BatonError('approval_not_found', `There is no approval \`${id}\`.`, { approval_id: id });
  }

  @Post(':id/decide')
  @Requires(DECIDES)
  @HttpCode(200)
  @ApiResponse({
    status: 200,
    standardSchema: ApprovalReply,
    description: 'Decided, and the run takes its branch; or, with the status `open`, counted: others must decide, too.',
  })
  @ApiResponse({ status: 403, description: 'Somebody else is asked.' })
  @ApiResponse({ status: 404, description: 'Nothing of this id waits.' })
  @ApiResponse({ status: 409, description: 'Decided before, by the caller or for good, or its time has passed.' })
  @ApiResponse({ status: 422, description: 'The payload does not fit its schema.' })
  async decide(
    @Param('id') id: string,
    @Body({ schema: DecideBody }) { decision, comment, payload = null }: DecideBody,
    @Caller() caller: Principal,
  ): Promise<ApprovalReply> {
    const { name: by, role, tenantId } = caller;
    const made = { decision, by, roles: rolesWithin(role), comment: comment ?? null, payload };
    return this.replyTo(caller, await this.bound.within(this.signaller.decide(tenantId, id, made)));
  }

  @Post(':id/links')
  @Requires('operator')
  @HttpCode(201)
  @ApiResponse({ status: 201, standardSchema: LinkReply, description: 'A link that decides it once, without a token.' })
  @ApiResponse({ status: 403, description: 'The caller could not decide so, or there is no APPROVAL_LINK_SECRET.' })
  @ApiResponse({ status: 409, description: 'It does not wait any more.' })
  async makeLink(
    @Param('id') id: string,
    @Body({ schema: MakeLinkBody }) { decider, choices, expires_in: seconds }: MakeLinkBody,
    @Caller() { name, role, tenantId }: Principal,
  ): Promise<LinkReply> {
    const { token, link } = await this.approvalLinks.make({
      ...{ tenantId, approvalId: id, issuer: { name, role }, choices, forMs: seconds * 1_000 },
      ...(decider !== undefined && { decider }),
    });
    return toLinkReply(token, link);
  }

  /** The approval as the caller sees it. */
  private replyTo(caller: Principal, approval: Approval): ApprovalReply {
    const { name: by, role } = caller;
    const refusal = decisionRefusal(approval, { by, roles: rolesWithin(role), link: null, at: this.clock.now() });
    const barred = hasRole(caller, DECIDES) ? null : new BatonError('forbidden', `This needs the role \`${DECIDES}\`.`);
    return toApprovalReply(approval, refusal ?? barred);
  }
}
