import { applyDecorators, Body, Controller, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonObject, Run, WorkflowDefinition } from '@baton/core';
import { RunStarter, WorkflowPublisher } from '@baton/engine';
import { RESEARCH_WORKFLOW, researchWorkflow, SEARCH_WORKFLOW, searchWorkflow } from '@baton/nodes';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { AnswerBound } from './answer-bound.js';
import { Tenant } from './request-context.js';
import { runPath, StartedReply, toStartedReply } from './wire/run.js';
import { readIdempotency } from './wire/start-headers.js';
import { ResearchBody, SearchBody } from './wire/tools.js';

const StartsOrchestration = (): MethodDecorator =>
  applyDecorators(
    Requires('operator', { startsRun: true }),
    HttpCode(202),
    ApiHeader({ name: 'Idempotency-Key', required: false }),
    ApiResponse({
      status: 202,
      standardSchema: StartedReply,
      description: 'Accepted; its result: `GET /api/v1/runs/{id}/result`.',
    }),
  );

/** The ready orchestrations: a run of the workflow `research` or `search`, or of one of the size that is asked for. */
@ApiTags('patterns')
@Controller('tools')
export class ToolsController {
  constructor(
    private readonly publisher: WorkflowPublisher,
    private readonly starter: RunStarter,
    private readonly bound: AnswerBound,
  ) {}

  /** Agents in three tiers: they answer in parts, put the answers together, and conclude. */
  @Post('orchestrate_research')
  @StartsOrchestration()
  async research(
    @Body({ schema: ResearchBody }) body: ResearchBody,
    @Headers('idempotency-key') key: string | undefined,
    @Tenant() tenantId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedReply> {
    const { agents: workers, syntheses } = body.config;
    return this.start(researchWorkflow({ workers, syntheses }), body, { key, tenantId, request, reply });
  }

  /** Agents that search at once from several sides. */
  @Post('orchestrate_search')
  @StartsOrchestration()
  async search(
    @Body({ schema: SearchBody }) body: SearchBody,
    @Headers('idempotency-key') key: string | undefined,
    @Tenant() tenantId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedReply> {
    return this.start(searchWorkflow(body.config.agents), body, { key, tenantId, request, reply });
  }

  private async start(
    definition: WorkflowDefinition,
    { task, title }: { task: string; title?: string | undefined },
    call: { key: string | undefined; tenantId: string; request: FastifyRequest; reply: FastifyReply },
  ): Promise<StartedReply> {
    const { key, tenantId, request, reply } = call;
    const { name } = definition;
    const isShipped = definition === RESEARCH_WORKFLOW || definition === SEARCH_WORKFLOW;
    const input: JsonObject = { question: task, ...(title !== undefined && { title }) };
    const idempotency = readIdempotency(key, ['orchestrate', name, input]);
    const startRun = async (): Promise<Run> => {
      if (!isShipped) await this.publisher.publish(tenantId, { format: 'json', json: definition as unknown as JsonObject });
      const workflow = await this.starter.findRunnable(tenantId, name);
      return this.starter.startWorkflowRun({ tenantId, workflow, input, idempotency });
    };
    const run = await this.bound.within(startRun());
    request.subject = { run_id: run.id };
    reply.header('location', runPath(run.id));
    return toStartedReply(run);
  }
}
