import { Injectable } from '@nestjs/common';
import type { JournalEvent } from '@baton/core';
import { OrchestratedRuns } from './orchestrated-runs.js';
import { formatPosition } from './wire/event.js';
import { toOrchestrationEvent, type Orchestrated } from './wire/orchestration-event.js';

/** Writes a page of events as frames of a stream. */
export type FrameWriter = (page: readonly JournalEvent[]) => Promise<string> | string;

/** Streams under the names of orchestration clients. */
@Injectable()
export class OrchestrationFeed {
  constructor(private readonly runs: OrchestratedRuns) {}

  /** A writer for one stream: it reads the definition of a run once, and again when the run is patched. */
  open(): FrameWriter {
    let runId: string | null = null;
    let about: Orchestrated | null = null;
    return async (page) => {
      const frames: string[] = [];
      for (const event of page) {
        if (event.runId !== runId || about === null) about = await this.runs.describe(event.runId);
        if (event.type === 'run.patched') about = { ...about, definition: await this.runs.definition(event.payload.digest) };
        runId = event.runId;
        frames.push(frame(event, about));
      }
      return frames.join('');
    };
  }
}

/** An event that has no other name still moves the position from which a client goes on. */
function frame(event: JournalEvent, about: Orchestrated): string {
  const id = `id: ${formatPosition(event)}\n`;
  const named = toOrchestrationEvent(event, about);
  return named === null ? `${id}\n` : `${id}event: ${named.type}\ndata: ${JSON.stringify(named.data)}\n\n`;
}
