import { Module } from '@nestjs/common';
import { OrchestratedRuns } from '../orchestrated-runs.js';
import { LiveGate } from './live-gate.js';
import { LiveServer } from './live-server.js';
import { LiveUpkeep } from './live-upkeep.js';
import { RunFeed } from './run-feed.js';
import { WorkflowRuns } from './workflow-runs.js';
import { WsTokens } from './ws-tokens.js';
import { WsTokensController } from './ws-tokens.controller.js';

/** Live events over WebSockets, and the tokens that open them. */
@Module({
  controllers: [WsTokensController],
  providers: [WsTokens, LiveGate, RunFeed, OrchestratedRuns, WorkflowRuns, LiveUpkeep, LiveServer],
  exports: [OrchestratedRuns],
})
export class LiveModule {}
