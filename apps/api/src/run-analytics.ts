import { Injectable } from '@nestjs/common';
import { Clock, figuresOf, SPAN_MS, StatisticsStore, toWireUsage, WorkflowStore, type StatisticsQuery } from '@baton/core';
import {
  costPointsOf,
  periodOf,
  pointsOf,
  toFigures,
  toPeriod,
  usageOf,
  type AnalyticsListQuery,
  type AnalyticsQuery,
  type CostsReply,
  type SummaryReply,
  type WorkflowsReply,
} from './wire/analytics.js';

/** Workflows whose costs are told span by span. */
const WORKFLOWS_DRAWN = 10;
/** More spans than a period has. */
const ALL_SLOTS = 1_000;

/** How runs ended, how long they took and what they cost: by period and workflow. */
@Injectable()
export class RunAnalytics {
  constructor(
    private readonly statistics: StatisticsStore,
    private readonly store: WorkflowStore,
    private readonly clock: Clock,
  ) {}

  async summary(tenantId: string, query: AnalyticsQuery): Promise<SummaryReply> {
    const scope = await this.scopeOf(tenantId, query);
    const [counts, costs, live] = await Promise.all([
      this.statistics.counts({ ...scope, groupBy: ['slot', 'band'] }),
      this.statistics.costs({ ...scope, groupBy: ['slot'], limit: ALL_SLOTS }),
      this.statistics.live(tenantId, scope.workflowIds?.[0]),
    ]);
    const figures = figuresOf(counts);
    const passedMs = Math.min(scope.to, this.clock.now()) - scope.from;
    return {
      ...toPeriod(scope),
      ...toFigures(figures),
      runs_per_hour: passedMs <= 0 ? 0 : figures.ended / (passedMs / SPAN_MS.hour),
      usage: usageOf(costs),
      live: { queued: 0, running: 0, waiting: 0, paused: 0, compensating: 0, ...live },
      points: pointsOf(scope, counts, costs),
    };
  }

  async workflows(tenantId: string, query: AnalyticsListQuery): Promise<WorkflowsReply> {
    const scope = await this.scopeOf(tenantId, query);
    const busiest = await this.statistics.busiest({ ...scope, limit: query.limit + 1 });
    const workflowIds = busiest.slice(0, query.limit);
    if (workflowIds.length === 0) return { ...toPeriod(scope), items: [], truncated: false };
    const shown = { ...scope, workflowIds };
    const [counts, costs] = await Promise.all([
      this.statistics.counts({ ...shown, groupBy: ['workflow', 'band'] }),
      this.statistics.costs({ ...shown, groupBy: ['workflow'], limit: query.limit }),
    ]);
    // What was read a moment ago may have more by now, never less.
    const countsOf = Map.groupBy(counts, ({ workflow }) => workflow!.id);
    const items = workflowIds.map((id) => {
      const own = countsOf.get(id)!;
      const usage = usageOf(costs.filter(({ workflow }) => workflow!.id === id));
      return { workflow: own[0]!.workflow!, ...toFigures(figuresOf(own)), usage };
    });
    return { ...toPeriod(scope), items, truncated: busiest.length > query.limit };
  }

  async costs(tenantId: string, query: AnalyticsListQuery): Promise<CostsReply> {
    const scope = await this.scopeOf(tenantId, query);
    const { limit } = query;
    const [counts, bySlot, byWorkflow, byAgent, byModel] = await Promise.all([
      this.statistics.counts({ ...scope, groupBy: [] }),
      this.statistics.costs({ ...scope, groupBy: ['slot'], limit: ALL_SLOTS }),
      this.statistics.costs({ ...scope, groupBy: ['workflow'], limit }),
      this.statistics.costs({ ...scope, groupBy: ['agent'], limit }),
      this.statistics.costs({ ...scope, groupBy: ['model'], limit }),
    ]);
    const drawn = byWorkflow.slice(0, WORKFLOWS_DRAWN).map(({ workflow }) => workflow!.id);
    const points = drawn.length === 0 ? [] : await this.drawnCosts(scope, drawn);
    const total = usageOf(bySlot);
    const runs = counts.reduce((sum, count) => sum + count.runs, 0);
    return {
      ...toPeriod(scope),
      ...{ total, runs, average_cost_micros: runs === 0 ? 0 : total.cost_micros / runs },
      points: pointsOf(scope, [], bySlot).map(({ at, usage }) => ({ at, ...usage })),
      by_workflow: byWorkflow.map(({ workflow, usage }) => ({
        ...{ workflow: workflow!, ...toWireUsage(usage) },
        points: costPointsOf(points.filter((point) => point.workflow!.id === workflow!.id)),
      })),
      by_agent: byAgent.map(({ agent, usage }) => ({ agent: agent!, ...toWireUsage(usage) })),
      by_model: byModel.map(({ model, usage }) => ({ model: model!, ...toWireUsage(usage) })),
    };
  }

  private drawnCosts(scope: StatisticsQuery, workflowIds: readonly string[]) {
    const limit = ALL_SLOTS * WORKFLOWS_DRAWN;
    return this.statistics.costs({ ...scope, workflowIds, groupBy: ['slot', 'workflow'], limit });
  }

  /** A workflow that does not exist has no runs. */
  private async scopeOf(tenantId: string, query: AnalyticsQuery): Promise<StatisticsQuery> {
    const period = { tenantId, ...periodOf(query, this.clock.now()) };
    if (query.workflow === undefined) return period;
    const workflow = await this.store.find(tenantId, query.workflow);
    return { ...period, workflowIds: [workflow?.id ?? query.workflow] };
  }
}
