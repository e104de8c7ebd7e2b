import {
  NodeTimes,
  type Clock,
  type MeasuredSeconds,
  type Run,
  type RunStore,
  type TimedEvent,
  type WorkflowStore,
} from '@baton/core';

export interface NodeMeasurerOptions {
  /** The last runs of a workflow that are looked at. */
  runs: number;
  /** Events that are read of all of them together. */
  events: number;
  /** How long what was measured is taken for true. */
  freshMs: number;
}

/** Workflows whose times are kept in mind. */
const KEPT = 100;
const PAGE = 200;

/** Measures how long the nodes of a workflow take, by the journals of its last completed runs. Runs pay nothing for it. */
export class NodeMeasurer {
  private readonly known = new Map<string, { at: number; seconds: Promise<MeasuredSeconds> }>();

  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'listRuns' | 'readJournal'>;
      workflows: Pick<WorkflowStore, 'findByName' | 'findByDigest'>;
      clock: Clock;
    },
    private readonly options: NodeMeasurerOptions,
  ) {}

  /** The median seconds of each node over recent runs; empty: there were none. Costs a bounded number of reads, at most once in `freshMs`. */
  async measure(tenantId: string, workflowName: string): Promise<MeasuredSeconds> {
    const key = `${tenantId} ${workflowName}`;
    const now = this.parts.clock.monotonic();
    const known = this.known.get(key);
    if (known !== undefined && now - known.at < this.options.freshMs) return known.seconds;
    const seconds = this.read(tenantId, workflowName);
    // A first run may end any moment.
    const forget = (): void => void this.known.delete(key);
    seconds.then((measured) => (measured.size === 0 ? forget() : undefined), forget);
    this.known.delete(key);
    this.known.set(key, { at: now, seconds });
    if (this.known.size > KEPT) this.known.delete(this.known.keys().next().value!);
    return seconds;
  }

  private async read(tenantId: string, workflowName: string): Promise<MeasuredSeconds> {
    const { runs, workflows } = this.parts;
    const workflow = await workflows.findByName(tenantId, workflowName);
    if (workflow === null) return new Map();
    const recent = await runs.listRuns({ tenantId, workflowId: workflow.id, status: 'completed', limit: this.options.runs });
    const times = new NodeTimes();
    let left = this.options.events;
    for (const run of recent) {
      if (left <= 0) break;
      const { digest } = run.workflow;
      const definition = digest === workflow.digest ? workflow.definition : await workflows.findByDigest(digest);
      const events = await this.readEvents(run, left);
      left -= events.length;
      if (definition !== null) times.addRun(definition, events);
    }
    return times.medians();
  }

  /** Without their payloads, which may be large. */
  private async readEvents({ id, seq }: Run, atMost: number): Promise<TimedEvent[]> {
    const events: TimedEvent[] = [];
    while (events.length < Math.min(seq, atMost)) {
      const page = await this.parts.runs.readJournal(id, events.length, Math.min(PAGE, atMost - events.length));
      if (page.length === 0) break;
      events.push(...page.map(({ type, nodeId, at }) => ({ type, nodeId, at })));
    }
    return events;
  }
}
