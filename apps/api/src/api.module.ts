import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessGuard } from './access/access.guard.js';
import { AgentsController } from './agents.controller.js';
import { ArtifactsController } from './artifacts.controller.js';
import { AnalyticsController } from './analytics.controller.js';
import { AnalyticsAliasController } from './analytics-alias.controller.js';
import { AnswerBound } from './answer-bound.js';
import { ApprovalLinkController } from './approval-link.controller.js';
import { ApprovalsController } from './approvals.controller.js';
import { BudgetController } from './budget.controller.js';
import { CapacityController } from './capacity.controller.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { DemoController } from './demo.controller.js';
import { DocumentsController } from './documents.controller.js';
import { EventStreams } from './event-streams.js';
import { EventsController } from './events.controller.js';
import { OrchestrationFeed } from './orchestration-feed.js';
import { IngestController } from './ingest.controller.js';
import { HealthController } from './health.controller.js';
import { LiveModule } from './live/live.module.js';
import { McpController } from './mcp/mcp.controller.js';
import { McpEndpoint } from './mcp/mcp-endpoint.js';
import { RunTools } from './mcp/run-tools.js';
import { WorkflowTools } from './mcp/workflow-tools.js';
import { MeController } from './me.controller.js';
import { MetricsController } from './metrics.controller.js';
import { PatchController } from './patch.controller.js';
import { PayloadsController } from './payloads.controller.js';
import { PatternDiscovery } from './pattern-discovery.js';
import { PatternsController } from './patterns.controller.js';
import { RagController } from './rag.controller.js';
import { ReportsController } from './reports.controller.js';
import { ResultsController } from './results.controller.js';
import { RunAnalytics } from './run-analytics.js';
import { RunAnswers } from './run-answers.js';
import { RunBatchController } from './run-batch.controller.js';
import { RunControlController } from './run-control.controller.js';
import { RunStatuses } from './run-statuses.js';
import { RunLogsController } from './run-logs.controller.js';
import { RunsController } from './runs.controller.js';
import { Shutdown } from './shutdown.js';
import { TargetsController } from './targets.controller.js';
import { TaskRunsController } from './task-runs.controller.js';
import { TasksController } from './tasks.controller.js';
import { ToolsController } from './tools.controller.js';
import { UsageController } from './usage.controller.js';
import { SchemasController } from './schemas.controller.js';
import { WorkersController } from './workers.controller.js';
import { WorkflowsController } from './workflows.controller.js';
import { WorkflowControlController } from './workflow-control.controller.js';

/** The edge: REST and live events over the use cases of the platform. */
@Module({
  imports: [DiscoveryModule, LiveModule],
  controllers: [
    TasksController,
    TaskRunsController,
    RunsController,
    RunLogsController,
    RunBatchController,
    RunControlController,
    ResultsController,
    PatchController,
    WorkflowControlController,
    ApprovalLinkController,
    ApprovalsController,
    ArtifactsController,
    PayloadsController,
    ReportsController,
    EventsController,
    IngestController,
    DocumentsController,
    RagController,
    WorkersController,
    CapacityController,
    DeadLettersController,
    DemoController,
    TargetsController,
    UsageController,
    BudgetController,
    AnalyticsController,
    AnalyticsAliasController,
    WorkflowsController,
    PatternsController,
    ToolsController,
    McpController,
    SchemasController,
    AgentsController,
    HealthController,
    MeController,
    MetricsController,
  ],
  providers: [
    Shutdown,
    RunAnalytics,
    AnswerBound,
    RunAnswers,
    RunStatuses,
    EventStreams,
    OrchestrationFeed,
    PatternDiscovery,
    WorkflowTools,
    RunTools,
    McpEndpoint,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
})
export class ApiModule {}
