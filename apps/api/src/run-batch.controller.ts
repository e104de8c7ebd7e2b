import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BatonError } from '@baton/core';
import { RunStarter } from '@baton/engine';
import { CONFIG, type Config, type Principal } from '@baton/platform';
import { Requires } from './access/requires.decorator.js';
import { AnswerBound } from './answer-bound.js';
import { retryAfterSecondsOf } from './problems/problem.js';
import { invalidRequest } from './problems/validation.js';
import { Caller } from './request-context.js';
import { meaningOfStart, type StartRunBody } from './wire/run.js';
import { StartBatchBody, StartedBatchReply } from './wire/run-batch.js';
import { readIdempotency } from './wire/start-headers.js';

type Refused = StartedBatchReply['refused'][number];

/** Starts many runs by one request: they share commits, and each is accepted or refused for itself. */
@ApiTags('runs')
@Controller('api/v1/runs/batch')
export class RunBatchController {
  constructor(
    private readonly starter: RunStarter,
    private readonly bound: AnswerBound,
    @Inject(CONFIG) private readonly config: Pick<Config, 'maxBatchRuns'>,
  ) {}

  @Post()
  @Requires('operator', { startsRun: true })
  @HttpCode(202)
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Of each run without a key of its own, with its place.' })
  @ApiResponse({
    status: 202,
    standardSchema: StartedBatchReply,
    description: 'Which are accepted, and are durable, and which are not.',
  })
  async start(
    @Body({ schema: StartBatchBody }) { runs }: StartBatchBody,
    @Headers('idempotency-key') key: string | undefined,
    @Caller() caller: Principal,
  ): Promise<StartedBatchReply> {
    const { maxBatchRuns } = this.config;
    if (runs.length > maxBatchRuns)
      throw invalidRequest([{ pointer: '/runs', message: `must not have more than ${maxBatchRuns} (MAX_BATCH_RUNS)` }]);
    if (key !== undefined) readIdempotency(key, null);
    const starts = runs.map(({ idempotency_key: own, ...start }, index) =>
      this.startOne(start, own ?? (key === undefined ? undefined : `${key}.${index}`), caller),
    );
    const outcomes = await Promise.allSettled(starts.map((start) => this.bound.within(start)));
    const accepted: StartedBatchReply['accepted'] = [];
    const refused: Refused[] = [];
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') accepted.push({ index, run_id: outcome.value });
      else refused.push(toRefused(index, outcome.reason));
    }
    // Nothing to tell but why: as a single start would.
    if (accepted.length === 0) throw (outcomes[0] as PromiseRejectedResult).reason;
    return { accepted, refused };
  }

  private async startOne(
    { workflow: name, input = null, priority, budget }: StartRunBody,
    key: string | undefined,
    { name: by, tenantId }: Principal,
  ): Promise<string> {
    const workflow = await this.starter.findRunnable(tenantId, name);
    const run = await this.starter.startWorkflowRun({
      ...{ tenantId, workflow, input, by },
      idempotency: readIdempotency(key, meaningOfStart({ workflow: name, input, priority, budget })),
      ...(priority !== undefined && { priority }),
      ...(budget !== undefined && { budget }),
    });
    return run.id;
  }
}

/** @throws what nobody foresaw: the caller asks again, under the same keys. */
function toRefused(index: number, reason: unknown): Refused {
  if (!(reason instanceof BatonError)) throw reason;
  const { code, message: detail } = reason;
  const retryAfterSeconds = retryAfterSecondsOf(reason);
  return { index, code, detail, ...(retryAfterSeconds !== null && { retry_after_seconds: retryAfterSeconds }) };
}
