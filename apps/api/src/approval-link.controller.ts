import { Body, Controller, Get, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApprovalLinks } from '@baton/engine';
import type { FastifyReply } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { answerPage, LINK_PAGE_POLICY, questionPage } from './approval-page.js';
import { DecideBody, LinkedApprovalReply, LinkQuery, toLinkedApproval } from './wire/approval.js';

/**
 * Where the links of approvals lead: no token but the link's own is needed. Looking decides nothing, so that a mail scanner may follow a link; the
 * form that a browser is shown sends the decision. The link goes into no log, since it stands in the query.
 */
@ApiTags('approvals')
@Controller('approvals/link')
export class ApprovalLinkController {
  constructor(private readonly approvalLinks: ApprovalLinks) {}

  @Get()
  @Requires('public')
  @ApiResponse({ status: 200, standardSchema: LinkedApprovalReply, description: 'What is asked: a page with a form, or JSON.' })
  @ApiResponse({ status: 404, description: 'The link is not genuine.' })
  @ApiResponse({ status: 410, description: 'It has expired.' })
  async ask(
    @Query({ schema: LinkQuery }) { token }: LinkQuery,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LinkedApprovalReply | string> {
    const { link, approval } = await this.approvalLinks.open(token);
    const asked = toLinkedApproval(link, approval);
    return show(reply, accept, asked, () => questionPage(asked));
  }

  @Post()
  @Requires('public')
  @HttpCode(200)
  @ApiResponse({
    status: 200,
    standardSchema: LinkedApprovalReply,
    description: 'Decided, or counted where others must decide, too.',
  })
  @ApiResponse({ status: 403, description: 'The link cannot decide so.' })
  @ApiResponse({ status: 409, description: 'It has been used, or the approval does not wait any more.' })
  async decide(
    @Query({ schema: LinkQuery }) { token }: LinkQuery,
    @Body({ schema: DecideBody }) { decision, comment, payload = null }: DecideBody,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LinkedApprovalReply | string> {
    const { link } = await this.approvalLinks.open(token);
    const approval = await this.approvalLinks.decide(token, { decision, comment: comment ?? null, payload });
    return show(reply, accept, toLinkedApproval(link, approval), () => answerPage(decision));
  }
}

/** The answer as the caller prefers it. Nothing keeps it, and nothing that it leads to learns its address. */
function show<T>(reply: FastifyReply, accept: string | undefined, json: T, page: () => string): T | string {
  reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
  if (accept?.includes('text/html') !== true) return json;
  reply.header('content-type', 'text/html; charset=utf-8').header('content-security-policy', LINK_PAGE_POLICY);
  return page();
}
