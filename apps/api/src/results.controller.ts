import { Controller, Get, Param } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { agentNodes, ArtifactStore, Clock, resultOf, type JsonValue } from '@baton/core';
import { RunInspector, RunPayloads } from '@baton/engine';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { RunStatuses } from './run-statuses.js';
import { ResultReply, toResultReply } from './wire/result.js';
import { toRunReply } from './wire/run.js';

/** Artifacts of a run that its result names. */
const ARTIFACTS_SHOWN = 200;

/** What the agents of runs came to. */
@ApiTags('runs')
@Controller('api/v1/runs')
export class ResultsController {
  constructor(
    private readonly statuses: RunStatuses,
    private readonly inspector: RunInspector,
    private readonly payloads: RunPayloads,
    private readonly artifacts: ArtifactStore,
    private readonly clock: Clock,
  ) {}

  /** Each agent's result, what was put together of them, the last word, times, costs and artifacts; of a live run as far as it is. */
  @Get(':id/result')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: ResultReply })
  async result(@Param('id') id: string, @Tenant() tenantId: string): Promise<ResultReply> {
    const run = await this.statuses.require(tenantId, id);
    const { state } = await this.inspector.inspect(run);
    const outputs = new Map<string, JsonValue>();
    for (const { id: nodeId, index } of agentNodes(state)) {
      outputs.set(nodeId, await this.payloads.open(tenantId, state.nodes[index]!.output));
    }
    const artifacts = await this.artifacts.list({ tenantId, runId: run.id, limit: ARTIFACTS_SHOWN });
    const { error } = toRunReply(run);
    return toResultReply(run, resultOf(state, outputs), { usage: state.usage, artifacts, error, now: this.clock.now() });
  }
}
