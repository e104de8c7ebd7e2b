import { Inject, Injectable } from '@nestjs/common';
import type { Run } from '@baton/core';
import { RunWatcher } from '@baton/engine';
import { CONFIG, type Config } from '@baton/platform';
import type { FastifyReply } from 'fastify';
import { callerGone } from './request-context.js';
import { Shutdown } from './shutdown.js';
import { runPath, toEndedReply, toStartedReply, type EndedReply, type StartedReply } from './wire/run.js';
import { readWait } from './wire/start-headers.js';

/** Answers a start: 202 with the run, or 200 with its result where the caller prefers to wait and the run ends in time. */
@Injectable()
export class RunAnswers {
  constructor(
    private readonly watcher: RunWatcher,
    private readonly shutdown: Shutdown,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async answer(run: Run, prefer: string | undefined, reply: FastifyReply): Promise<StartedReply | EndedReply> {
    reply.status(202).header('location', runPath(run.id));
    const waitMs = readWait(prefer, this.config.preferWaitMaxMs);
    if (waitMs === 0) return toStartedReply(run);
    const gone = AbortSignal.any([callerGone(reply), this.shutdown.signal]);
    const ended = await this.watcher.waitForEnd(run.id, waitMs, gone, { fresh: run.seq === 1 });
    if (ended === null) return toStartedReply(run);
    reply.status(200).header('preference-applied', `wait=${Math.ceil(waitMs / 1_000)}`);
    return toEndedReply(ended);
  }
}
