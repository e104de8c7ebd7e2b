import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AgentToolbox } from '@baton/agents';
import {
  AgentStore,
  ArtifactStore,
  ChatModel,
  Clock,
  collectionName,
  DocumentIndexer,
  DocumentStore,
  OutboundHttp,
  PassageSearch,
  RagConfigStore,
  ReportRenderer,
  TokenFeed,
  UploadIngestor,
  VectorStore,
  type RagSettings,
} from '@baton/core';
import {
  AgentNode,
  AggregateNode,
  ApprovalNode,
  ConditionNode,
  ContinueAsNewNode,
  EchoNode,
  EffectNode,
  HandoffNode,
  HttpNode,
  IngestNode,
  LoopNode,
  MapNode,
  NodeHandlers,
  ReembedNode,
  ReportNode,
  RetrieveNode,
  SwitchNode,
  TransformNode,
  WaitNode,
  WorkflowNode,
} from '@baton/nodes';
import { CONFIG, RAG_DEFAULTS, type Config } from '@baton/platform';
import { AgentToolsModule } from './agent-tools.module.js';
import { NodeTypeDiscovery } from './node-type-discovery.js';

/**
 * The node types that a worker executes. A type of one's own is a class that extends `NodeHandler`, among these providers or those of any other
 * module of the process: see docs/nodes.md.
 */
@Module({
  imports: [DiscoveryModule, AgentToolsModule],
  providers: [
    { provide: NodeHandlers, useFactory: () => new NodeHandlers() },
    NodeTypeDiscovery,
    AggregateNode,
    ConditionNode,
    ContinueAsNewNode,
    EchoNode,
    SwitchNode,
    TransformNode,
    { provide: ApprovalNode, inject: [Clock], useFactory: (clock: Clock) => new ApprovalNode(clock) },
    { provide: WaitNode, inject: [Clock], useFactory: (clock: Clock) => new WaitNode(clock) },
    WorkflowNode,
    { provide: IngestNode, inject: [UploadIngestor], useFactory: (uploads: UploadIngestor) => new IngestNode(uploads) },
    { provide: RetrieveNode, inject: [PassageSearch], useFactory: (passages: PassageSearch) => new RetrieveNode(passages) },
    {
      provide: AgentNode,
      inject: [ChatModel, AgentStore, AgentToolbox, TokenFeed],
      useFactory: (model: ChatModel, agents: AgentStore, tools: AgentToolbox, tokens: TokenFeed) =>
        new AgentNode({ model, agents, tools, tokens }),
    },
    {
      provide: HandoffNode,
      inject: [ChatModel, AgentStore, AgentToolbox, TokenFeed],
      useFactory: (model: ChatModel, agents: AgentStore, tools: AgentToolbox, tokens: TokenFeed) =>
        new HandoffNode({ model, agents, tools, tokens }),
    },
    { provide: HttpNode, inject: [OutboundHttp], useFactory: (http: OutboundHttp) => new HttpNode(http) },
    {
      provide: LoopNode,
      inject: [NodeHandlers],
      useFactory: (handlers: NodeHandlers) => new LoopNode((type) => handlers.get(type)),
    },
    {
      provide: MapNode,
      inject: [NodeHandlers, Clock, CONFIG],
      useFactory: (handlers: NodeHandlers, clock: Clock, { mapMaxItems: maxItems }: Config) =>
        new MapNode({ find: (type) => handlers.get(type), clock, random: Math.random }, { maxItems }),
    },
    {
      provide: ReembedNode,
      inject: [RagConfigStore, DocumentStore, VectorStore, DocumentIndexer, Clock, RAG_DEFAULTS],
      useFactory: (
        configs: RagConfigStore,
        documents: DocumentStore,
        vectors: VectorStore,
        indexer: DocumentIndexer,
        clock: Clock,
        defaults: RagSettings,
      ) => new ReembedNode({ configs, documents, vectors, indexer, clock }, { sharedCollection: collectionName(defaults) }),
    },
    {
      provide: ReportNode,
      inject: [ReportRenderer, ArtifactStore, Clock],
      useFactory: (renderer: ReportRenderer, artifacts: ArtifactStore, clock: Clock) =>
        new ReportNode({ renderer, artifacts, clock }),
    },
    {
      provide: EffectNode,
      inject: [CONFIG],
      useFactory: ({ effectSinkUrl }: Config) => (effectSinkUrl === null ? null : new EffectNode(effectSinkUrl)),
    },
  ],
  exports: [NodeHandlers, AgentToolsModule],
})
export class NodeTypesModule {}
