import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import {
  AgentToolbox,
  AskPersonTool,
  DelegateTool,
  ExecutePipelineTool,
  HttpRequestTool,
  McpServers,
  PatchWorkflowTool,
  ReportArtifactTool,
  SearchTool,
} from '@baton/agents';
import { AgentStore, ArtifactStore, ChatModel, Clock, OutboundHttp, PassageSearch, TokenFeed } from '@baton/core';
import { CONFIG, type Config } from '@baton/platform';
import { AgentToolDiscovery } from './agent-tool-discovery.js';

/**
 * The tools that the agents of a worker can be given. A tool of one's own is a class that extends `StepTool` or `AgentTool`, among these providers
 * or those of any other module of the process: see docs/agents.md.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    {
      provide: AgentToolbox,
      inject: [OutboundHttp, Clock, CONFIG],
      useFactory: (http: OutboundHttp, clock: Clock, { mcpServers }: Config) =>
        new AgentToolbox([], [new McpServers({ http, clock }, mcpServers)]),
    },
    AgentToolDiscovery,
    ExecutePipelineTool,
    PatchWorkflowTool,
    { provide: AskPersonTool, inject: [Clock], useFactory: (clock: Clock) => new AskPersonTool(clock) },
    {
      provide: DelegateTool,
      inject: [ChatModel, AgentStore, AgentToolbox, TokenFeed],
      useFactory: (model: ChatModel, agents: AgentStore, tools: AgentToolbox, tokens: TokenFeed) =>
        new DelegateTool({ model, agents, tools, tokens }),
    },
    { provide: HttpRequestTool, inject: [OutboundHttp], useFactory: (http: OutboundHttp) => new HttpRequestTool(http) },
    {
      provide: ReportArtifactTool,
      inject: [ArtifactStore],
      useFactory: (artifacts: ArtifactStore) => new ReportArtifactTool(artifacts),
    },
    { provide: SearchTool, inject: [PassageSearch], useFactory: (passages: PassageSearch) => new SearchTool(passages) },
  ],
  exports: [AgentToolbox],
})
export class AgentToolsModule {}
