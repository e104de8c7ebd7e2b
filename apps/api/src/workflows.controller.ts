import {
  applyDecorators,
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiConsumes, ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BatonError, Clock, WorkflowStore, type Workflow } from '@baton/core';
import { WorkflowExecutor, WorkflowPublisher, type PublishedWorkflow } from '@baton/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '@baton/platform';
import { Requires } from './access/requires.decorator.js';
import { AnswerBound } from './answer-bound.js';
import { Caller, Tenant } from './request-context.js';
import { readIdempotency } from './wire/start-headers.js';
import {
  BaseQuery,
  DefinitionBody,
  ExecuteBody,
  ExecutedReply,
  PublishedReply,
  toExecutedReply,
  toExecutionOptions,
  toPublishedReply,
  toSubmitted,
  toValidateReply,
  toWorkflowReply,
  toWorkflowSummary,
  ValidateReply,
  VersionQuery,
  VersionsQuery,
  VersionsReply,
  workflowPath,
  WorkflowReply,
  WorkflowsQuery,
  WorkflowsReply,
  WorkflowSummaryReply,
} from './wire/workflow.js';
import { YAML_TYPES } from './yaml-body.js';

/** How a definition is refused. */
const Refused = (): MethodDecorator =>
  applyDecorators(
    ApiResponse({ status: 400, description: 'The orchestration pattern is not supported.' }),
    ApiResponse({ status: 409, description: 'A newer version than `base_version` is there: `version`.' }),
    ApiResponse({ status: 422, description: 'The definition is not valid or too large: `problems` names everything at once.' }),
    ApiResponse({ status: 507, description: 'It needs more than there is in all.' }),
  );

/** Workflows: definitions that are validated, versioned and never change. `{id}` may be the id of a workflow or its name. */
@ApiTags('workflows')
@Controller('api/v1/workflows')
export class WorkflowsController {
  constructor(
    private readonly publisher: WorkflowPublisher,
    private readonly executor: WorkflowExecutor,
    private readonly workflows: WorkflowStore,
    private readonly clock: Clock,
    private readonly bound: AnswerBound,
  ) {}

  /** Keeps a definition as the next version of the workflow of its name. An archived workflow takes runs again. */
  @Post()
  @Requires('operator')
  @ApiConsumes('application/json', ...YAML_TYPES)
  @ApiResponse({ status: 201, standardSchema: PublishedReply, description: 'A new version is kept.' })
  @ApiResponse({ status: 200, standardSchema: PublishedReply, description: 'The newest version is equal: nothing has changed.' })
  @Refused()
  async publish(
    @Body({ schema: DefinitionBody }) body: unknown,
    @Query({ schema: BaseQuery }) { base_version: base }: BaseQuery,
    @Tenant() tenantId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.answer(await this.publisher.publish(tenantId, toSubmitted(body), base), reply, 201);
  }

  /** Says everything that is wrong with a definition, and keeps nothing. */
  @Post('validate')
  @Requires('viewer')
  @HttpCode(200)
  @ApiConsumes('application/json', ...YAML_TYPES)
  @ApiResponse({ status: 200, standardSchema: ValidateReply, description: 'The report, also of a definition that is not valid.' })
  async validate(@Body({ schema: DefinitionBody }) body: unknown, @Tenant() tenantId: string) {
    return toValidateReply(await this.publisher.validate(tenantId, toSubmitted(body)));
  }

  @Get()
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: WorkflowsReply, description: 'The newest version of each, by name.' })
  async list(@Query({ schema: WorkflowsQuery }) { limit, after, archived }: WorkflowsQuery, @Tenant() tenantId: string) {
    const found = await this.workflows.list(tenantId, {
      ...{ limit, archived: archived === 'true' },
      ...(after !== undefined && { afterName: after }),
    });
    return { items: found.map(toWorkflowSummary), next_after: found.length === limit ? found.at(-1)!.name : null };
  }

  @Get(':id')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: WorkflowReply, description: 'The newest version, or the one asked for.' })
  async find(@Param('id') id: string, @Query({ schema: VersionQuery }) { version }: VersionQuery, @Tenant() tenantId: string) {
    return toWorkflowReply(await this.require(tenantId, id, version));
  }

  @Get(':id/versions')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: VersionsReply, description: 'Newest first.' })
  async versions(
    @Param('id') id: string,
    @Query({ schema: VersionsQuery }) { limit, before }: VersionsQuery,
    @Tenant() tenantId: string,
  ) {
    const workflow = await this.require(tenantId, id);
    const page = { limit, ...(before !== undefined && { before }) };
    const found = await this.workflows.listVersions(tenantId, workflow.id, page);
    const last = found.at(-1);
    const isWhole = last === undefined || found.length < limit || last.version === 1;
    return { items: found.map(toWorkflowSummary), next_before: isWhole ? null : last.version };
  }

  /** Keeps a definition as the next version of this workflow. Runs that live go on with theirs. */
  @Put(':id')
  @Requires('operator')
  @ApiConsumes('application/json', ...YAML_TYPES)
  @ApiResponse({
    status: 200,
    standardSchema: PublishedReply,
    description: 'The new version, or the newest one when it is equal.',
  })
  @Refused()
  async replace(
    @Param('id') id: string,
    @Body({ schema: DefinitionBody }) body: unknown,
    @Query({ schema: BaseQuery }) { base_version: base }: BaseQuery,
    @Tenant() tenantId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.answer(await this.publisher.replace(tenantId, id, toSubmitted(body), base), reply, 200);
  }

  /** Archives the workflow: it takes no new runs, and those that live go on. */
  @Delete(':id')
  @Requires('operator')
  @ApiResponse({ status: 200, standardSchema: WorkflowSummaryReply, description: 'The workflow, archived.' })
  async archive(@Param('id') id: string, @Tenant() tenantId: string): Promise<WorkflowSummaryReply> {
    const workflow = await this.require(tenantId, id);
    await this.workflows.archive(tenantId, workflow.id, this.clock.now());
    return toWorkflowSummary(await this.require(tenantId, workflow.id));
  }

  @Post(':id/execute')
  @Requires('operator', { startsRun: true })
  @HttpCode(202)
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  @ApiResponse({ status: 202, standardSchema: ExecutedReply, description: 'Accepted: the run is durable.' })
  @ApiResponse({ status: 404, description: 'There is no such workflow.' })
  @ApiResponse({ status: 409, description: 'The workflow takes no new runs, or runs one at a time and is at it.' })
  @ApiResponse({ status: 507, description: 'It needs more than it may have.' })
  async execute(
    @Param('id') id: string,
    @Body({ schema: ExecuteBody }) body: ExecuteBody,
    @Headers('idempotency-key') key: string | undefined,
    @Caller() { name: by, tenantId }: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const accepted = this.executor.execute({
      ...{ tenantId, workflow: id, by, input: body.input_data, options: toExecutionOptions(body) },
      ...(body.version !== undefined && { version: body.version }),
      idempotency: readIdempotency(key, ['execute workflow', id, JSON.stringify(body)]),
    });
    const { run, workflow } = await this.bound.within(accepted);
    request.subject = { run_id: run.id };
    const executed = toExecutedReply(run, workflow);
    reply.header('location', executed.execution_url);
    return executed;
  }

  private answer(published: PublishedWorkflow, reply: FastifyReply, statusOfNew: number) {
    const { workflow, isNew } = published;
    reply.status(isNew ? statusOfNew : 200);
    reply.header('location', `${workflowPath(workflow.id)}?version=${workflow.version}`);
    return toPublishedReply(published);
  }

  private async require(tenantId: string, id: string, version?: number): Promise<Workflow> {
    const workflow = await this.workflows.find(tenantId, id, version);
    if (workflow !== null) return workflow;
    const which = version === undefined ? '' : ` in version ${version}`;
    throw new BatonError('workflow_not_found', `There is no workflow \`${id}\`${which}.`, { workflow: id });
  }
}
