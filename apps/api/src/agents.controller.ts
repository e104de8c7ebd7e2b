import { Body, Controller, Get, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { AgentStore, BatonError, CircuitStore, Clock, modelTarget, type AgentOutcome, type AgentSpec } from '@baton/core';
import type { FastifyReply } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { AgentBody, AgentQuery, AgentReply, AgentsReply, toAgentReply, toListedAgent } from './wire/agent.js';
import { windowStart } from './wire/target.js';

/** Agents as data: what the agents of a pipeline are told and allowed. */
@ApiTags('agents')
@Controller('api/v1/agents')
export class AgentsController {
  constructor(
    private readonly agents: AgentStore,
    private readonly circuits: CircuitStore,
    private readonly clock: Clock,
  ) {}

  @Post()
  @Requires('operator')
  @ApiResponse({ status: 201, standardSchema: AgentReply, description: 'The agent is kept.' })
  @ApiResponse({ status: 409, description: 'The name belongs to another agent: `agent_id`.' })
  async create(
    @Body({ schema: AgentBody }) spec: AgentSpec,
    @Tenant() tenantId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgentReply> {
    const at = this.clock.now();
    const outcome = await this.agents.create({ ...spec, id: uuidv7(), tenantId, createdAt: at, updatedAt: at });
    const kept = keptOrThrow(outcome, spec.name);
    reply.header('location', `/api/v1/agents/${kept.id}`);
    return kept;
  }

  @Get()
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: AgentsReply, description: 'By name.' })
  async list(@Query({ schema: AgentQuery }) { limit, after }: AgentQuery, @Tenant() tenantId: string) {
    const agents = await this.agents.list(tenantId, { limit, ...(after !== undefined && { afterName: after }) });
    const now = this.clock.now();
    const models = [...new Set(agents.map(({ model }) => modelTarget(model)))];
    const targets = await this.circuits.list({ tenantId, since: windowStart(now), targets: models, limit: models.length });
    const items = agents.map((agent) => toListedAgent(agent, targets, now));
    return { items, next_after: agents.length === limit ? agents.at(-1)!.name : null };
  }

  @Get(':id')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: AgentReply })
  async find(@Param('id') id: string, @Tenant() tenantId: string): Promise<AgentReply> {
    const agent = await this.agents.find(tenantId, id);
    return keptOrThrow(agent === null ? { kind: 'missing' } : { kind: 'kept', agent }, id);
  }

  /** Replaces the agent. Runs that call it from now on are told the new instructions; calls already journaled stay as they were. */
  @Put(':id')
  @Requires('operator')
  @ApiResponse({ status: 200, standardSchema: AgentReply })
  @ApiResponse({ status: 409, description: 'The name belongs to another agent: `agent_id`.' })
  async replace(
    @Param('id') id: string,
    @Body({ schema: AgentBody }) spec: AgentSpec,
    @Tenant() tenantId: string,
  ): Promise<AgentReply> {
    const outcome = await this.agents.replace(tenantId, id, spec, this.clock.now());
    return keptOrThrow(outcome, outcome.kind === 'missing' ? id : spec.name);
  }
}

function keptOrThrow(outcome: AgentOutcome, called: string): AgentReply {
  if (outcome.kind === 'kept') return toAgentReply(outcome.agent);
  if (outcome.kind === 'missing')
    throw new BatonError('agent_not_found', `There is no agent \`${called}\`.`, { agent_id: called });
  throw new BatonError('agent_exists', `The name \`${called}\` belongs to another agent.`, { agent_id: outcome.agentId });
}
