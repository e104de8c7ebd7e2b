import { Injectable } from '@nestjs/common';
import { BatonError, RunStore, WorkflowStore, type JournalEvent, type WorkflowDefinition } from '@baton/core';
import { RunInspector } from '@baton/engine';
import { formatPosition } from './wire/event.js';
import { toOrchestrationEvent, type Orchestrated } from './wire/orchestration-event.js';

/** Writes a page of events as frames of a stream. */
export type FrameWriter = (page: readonly JournalEvent[]) => Promise<string> | string;

/** Streams under the names of orchestration clients. */
@Injectable()
export class OrchestrationFeed {
  constructor(
    private readonly runs: RunStore,
    private readonly workflows: WorkflowStore,
    private readonly inspector: RunInspector,
  ) {}

  /** A writer for one stream: it reads the definition of a run once, and again when the run is patched. */
  open(): FrameWriter {
    let runId: string | null = null;
    let about: Orchestrated | null = null;
    return async (page) => {
      const frames: string[] = [];
      for (const event of page) {
        if (event.runId !== runId || about === null) about = await this.describe(event.runId);
        if (event.type === 'run.patched') about = { ...about, definition: await this.definition(event.payload.digest) };
        runId = event.runId;
        frames.push(frame(event, about));
      }
      return frames.join('');
    };
  }

  private async describe(runId: string): Promise<Orchestrated> {
    const run = await this.runs.findRun(runId);
    if (run === null) throw new BatonError('run_not_found', `There is no run \`${runId}\`.`, { run_id: runId });
    const { state } = await this.inspector.inspect(run);
    return { workflowId: run.workflow.id, definition: await this.definition(state.plan.digest) };
  }

  private async definition(digest: string): Promise<WorkflowDefinition> {
    const definition = await this.workflows.findByDigest(digest);
    if (definition === null) throw new BatonError('workflow_not_found', `No definition has the digest ${digest}.`, { digest });
    return definition;
  }
}

/** An event that has no other name still moves the position from which a client goes on. */
function frame(event: JournalEvent, about: Orchestrated): string {
  const id = `id: ${formatPosition(event)}\n`;
  const named = toOrchestrationEvent(event, about);
  return named === null ? `${id}\n` : `${id}event: ${named.type}\ndata: ${JSON.stringify(named.data)}\n\n`;
}
