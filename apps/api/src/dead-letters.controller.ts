import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { BatonError, DeadLetterStore, WorkflowStore, type DeadLetterQuery } from '@baton/core';
import { DeadLetters } from '@baton/engine';
import type { Principal } from '@baton/platform';
import { Requires } from './access/requires.decorator.js';
import { Caller, Tenant } from './request-context.js';
import { RunStatuses } from './run-statuses.js';
import {
  DeadLetterBulkBody,
  DeadLetterBulkReply,
  DeadLetterReply,
  DeadLettersQuery,
  InspectedLetterReply,
  toDeadLetterBulk,
  toDeadLetterReply,
  toInspectedLetter,
  type DeadLetterFilter,
} from './wire/dead-letter.js';
import { pageOf, toPage } from './wire/page.js';

/** What failed for good: to inspect, to replay, or to put aside. */
@ApiTags('dead letters')
@Controller('api/v1/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly store: DeadLetterStore,
    private readonly letters: DeadLetters,
    private readonly workflows: WorkflowStore,
    private readonly statuses: RunStatuses,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiResponse({
    status: 200,
    standardSchema: pageOf(DeadLetterReply),
    description: 'Newest first; open ones unless asked otherwise.',
  })
  async list(@Query({ schema: DeadLettersQuery }) query: DeadLettersQuery, @Tenant() tenantId: string) {
    const { status, limit, cursor, ...filter } = query;
    const before = cursor === undefined ? {} : { before: { at: cursor.createdAt, runId: cursor.id } };
    const letters = await this.store.list({ ...(await this.read(tenantId, filter)), status, ...before, limit: limit + 1 });
    const entries = letters.map((letter) => ({ letter, createdAt: letter.at, id: letter.runId }));
    return toPage(entries, limit, ({ letter }) => toDeadLetterReply(letter));
  }

  @Get(':id')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: InspectedLetterReply, description: 'What failed, how, and with which input.' })
  @ApiResponse({ status: 404, description: 'The run has left no dead letter.' })
  async find(@Param('id') id: string, @Tenant() tenantId: string): Promise<InspectedLetterReply> {
    const letter = await this.letters.require(tenantId, id);
    return toInspectedLetter(letter, await this.statuses.require(tenantId, id));
  }

  @Post('bulk')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({
    status: 200,
    standardSchema: DeadLetterBulkReply,
    description: 'Which open letters were settled, and which refuse.',
  })
  async bulk(
    @Body({ schema: DeadLetterBulkBody }) { action, filter, limit }: DeadLetterBulkBody,
    @Caller() { name: by, tenantId }: Principal,
  ): Promise<DeadLetterBulkReply> {
    return toDeadLetterBulk(await this.letters.execute({ action, filter: await this.read(tenantId, filter), limit, by }));
  }

  @Post(':id/replay')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({
    status: 200,
    standardSchema: DeadLetterReply,
    description: 'A new run goes on from what failed; the same one when asked again.',
  })
  @ApiResponse({ status: 404, description: 'The run has left no dead letter.' })
  @ApiResponse({ status: 409, description: 'It was discarded, or its task has a live run.' })
  async replay(@Param('id') runId: string, @Caller() { name: by, tenantId }: Principal): Promise<DeadLetterReply> {
    return toDeadLetterReply(await this.letters.replay({ tenantId, runId, by }));
  }

  @Post(':id/discard')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({
    status: 200,
    standardSchema: DeadLetterReply,
    description: 'It is put aside; a letter that was replayed stays so.',
  })
  @ApiResponse({ status: 404, description: 'The run has left no dead letter.' })
  async discard(@Param('id') runId: string, @Caller() { name: by, tenantId }: Principal): Promise<DeadLetterReply> {
    return toDeadLetterReply(await this.letters.discard({ tenantId, runId, by }));
  }

  private async read(
    tenantId: string,
    { workflow: name, code, node_type: nodeType, from, to }: DeadLetterFilter,
  ): Promise<Omit<DeadLetterQuery, 'status' | 'limit'>> {
    const workflow = name === undefined ? undefined : await this.workflows.find(tenantId, name);
    if (workflow === null) throw new BatonError('workflow_not_found', `There is no workflow \`${name}\`.`, { workflow: name! });
    return {
      tenantId,
      ...(workflow !== undefined && { workflowId: workflow.id }),
      ...(code !== undefined && { code }),
      ...(nodeType !== undefined && { nodeType }),
      ...(from !== undefined && { from: Date.parse(from) }),
      ...(to !== undefined && { to: Date.parse(to) }),
    };
  }
}
