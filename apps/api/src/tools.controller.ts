import { applyDecorators, Body, Controller, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonObject, Run, WorkflowDefinition } from '@baton/core';
import { RunStarter, WorkflowPublisher } from '@baton/engine';
import { RESEARCH_WORKFLOW, researchWorkflow, SEARCH_WORKFLOW, searchWorkflow } from '@baton/nodes';
import type { Principal } from '@baton/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { AnswerBound } from './answer-bound.js';
import { Caller } from './request-context.js';
import { RunAnswers } from './run-answers.js';
import { EndedReply, StartedReply } from './wire/run.js';
import { PREFER_WAIT, readIdempotency } from './wire/start-headers.js';
import { ResearchBody, SearchBody } from './wire/tools.js';

type StartHeaders = Readonly<Record<'idempotency-key' | 'prefer', string | undefined>>;

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
    ApiHeader({ name: 'Prefer', required: false, description: PREFER_WAIT }),
    ApiResponse({ status: 200, standardSchema: EndedReply, description: 'With `Prefer: wait=N`: the run has ended.' }),
  );

/** The ready orchestrations: a run of the workflow `research` or `search`, or of one of the size that is asked for. */
@ApiTags('patterns')
@Controller('tools')
export class ToolsController {
  constructor(
    private readonly publisher: WorkflowPublisher,
    private readonly starter: RunStarter,
    private readonly answers: RunAnswers,
    private readonly bound: AnswerBound,
  ) {}

  /** Agents in three tiers: they answer in parts, put the answers together, and conclude. */
  @Post('orchestrate_research')
  @StartsOrchestration()
  async research(
    @Body({ schema: ResearchBody }) body: ResearchBody,
    @Headers() headers: StartHeaders,
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedReply | EndedReply> {
    const { agents: workers, syntheses } = body.config;
    return this.start(researchWorkflow({ workers, syntheses }), body, { headers, caller, request, reply });
  }

  /** Agents that search at once from several sides. */
  @Post('orchestrate_search')
  @StartsOrchestration()
  async search(
    @Body({ schema: SearchBody }) body: SearchBody,
    @Headers() headers: StartHeaders,
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedReply | EndedReply> {
    return this.start(searchWorkflow(body.config.agents), body, { headers, caller, request, reply });
  }

  private async start(
    definition: WorkflowDefinition,
    { task, title }: { task: string; title?: string | undefined },
    call: { headers: StartHeaders; caller: Principal; request: FastifyRequest; reply: FastifyReply },
  ): Promise<StartedReply | EndedReply> {
    const { headers, caller, request, reply } = call;
    const { name: by, tenantId } = caller;
    const { name } = definition;
    const isShipped = definition === RESEARCH_WORKFLOW || definition === SEARCH_WORKFLOW;
    const input: JsonObject = { question: task, ...(title !== undefined && { title }) };
    const idempotency = readIdempotency(headers['idempotency-key'], ['orchestrate', name, input]);
    const startRun = async (): Promise<Run> => {
      if (!isShipped) await this.publisher.publish(tenantId, { format: 'json', json: definition as unknown as JsonObject });
      const workflow = await this.starter.findRunnable(tenantId, name);
      return this.starter.startWorkflowRun({ tenantId, workflow, input, by, idempotency });
    };
    const run = await this.bound.within(startRun());
    request.subject = { run_id: run.id };
    return this.answers.answer(run, headers.prefer, reply);
  }
}
