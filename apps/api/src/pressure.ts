import underPressure from '@fastify/under-pressure';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BatonError } from '@baton/core';
import type { RunStarter } from '@baton/engine';
import type { FastifyInstance } from 'fastify';
import { SAFE_HEADERS } from './access-log.js';
import type { RefusalCounts, RefusalReason } from './refusal-counts.js';
import { RepeatedProblems } from './problems/repeated-problem.js';
import type { StartGate } from './start-gate.js';
import { TenantShares } from './tenant-shares.js';
import type { TurnEnder } from './turn-ender.js';

/** Over what the delay is averaged: one long turn is no pressure. */
const SAMPLE_MS = 1_000;

/** How late the event loop is on average, and the most that it may be; measured anew each second. */
export interface LoopDelay {
  /** The refusal that stands; null: it is in time. */
  readonly refusal: BatonError | null;
}

/** Measures how late the event loop is. `maxDelayMs` 0: it never is. */
export async function watchLoopDelay(app: NestFastifyApplication, maxDelayMs: number): Promise<LoopDelay> {
  if (maxDelayMs === 0) return { refusal: null };
  await app.register(underPressure, { sampleInterval: SAMPLE_MS });
  const server: FastifyInstance = app.getHttpAdapter().getInstance();
  let known: { delayMs: number; error: BatonError } | null = null;
  return {
    get refusal() {
      const { eventLoopDelay: delayMs } = server.memoryUsage();
      // Infinite: nothing has been measured yet.
      if (delayMs <= maxDelayMs || !Number.isFinite(delayMs)) return null;
      if (known?.delayMs !== delayMs) {
        const late = `The API is ${Math.round(delayMs)} ms behind; MAX_EVENT_LOOP_DELAY_MS allows ${maxDelayMs}.`;
        known = { delayMs, error: new BatonError('overloaded', late) };
      }
      return known.error;
    },
  };
}

interface LoadParts {
  starter: Pick<RunStarter, 'refusalOf'>;
  gate: StartGate;
  loop: LoopDelay;
  counts: RefusalCounts;
  turns: TurnEnder;
}

/**
 * Refuses what cannot be done in time before it is read, and to who makes the load: a flood must cost as little as can be, and shut out nobody
 * else. While the event loop is late, that is each tenant that does not ask for much less than the others; starts are refused also while their
 * tenant is being refused for what is queued, and while as many are under way as can be done in time. Probes are answered always. A start whose
 * caller asks to wait for the result is long under way by his own wish, and does not count. What is refused here has no log line of its own.
 */
export function refuseOverload(server: FastifyInstance, { starter, gate, loop, counts, turns }: LoadParts): void {
  const shares = new TenantShares();
  const problems = new RepeatedProblems(SAFE_HEADERS);
  const refusalOf = (tenantId: string, startsRun: boolean): { reason: RefusalReason; error: BatonError } | null => {
    shares.note(tenantId);
    const late = loop.refusal;
    if (late !== null && !shares.isSmall(tenantId)) return { reason: 'event_loop', error: late };
    if (!startsRun) return null;
    const full = starter.refusalOf(tenantId);
    if (full !== null) return { reason: 'backlog', error: full };
    const crowd = gate.refusalOf(tenantId);
    return crowd === null ? null : { reason: 'start_delay', error: crowd };
  };
  server.addHook('onRequest', (request, reply, done) => {
    const { denial, principal, routeOptions } = request;
    if (denial !== null || principal === null) return done();
    const { tenantId } = principal;
    const startsRun = routeOptions.config.startsRun === true;
    const refused = refusalOf(tenantId, startsRun);
    if (refused !== null) {
      counts.add(refused.reason);
      turns.note();
      // Answered here and now: nothing that comes after this hook is of use.
      return problems.reply(refused.error, request, reply);
    }
    if (startsRun && request.headers.prefer === undefined) reply.raw.once('close', gate.enter(tenantId));
    done();
  });
}
