import underPressure from '@fastify/under-pressure';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BatonError } from '@baton/core';
import type { RunStarter } from '@baton/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { StartGate } from './start-gate.js';

/** Over what the delay is averaged: one long turn is no pressure. */
const SAMPLE_MS = 1_000;

/**
 * Refuses requests while the event loop is late by more than `maxDelayMs` on average: a late refusal with `Retry-After` helps nobody, a request
 * that waits behind thousands neither. Probes and metrics are answered always. 0: never refuses.
 */
export async function refuseUnderPressure(
  app: NestFastifyApplication,
  maxDelayMs: number,
  refuse: (error: BatonError, request: FastifyRequest, reply: FastifyReply) => void,
): Promise<void> {
  if (maxDelayMs === 0) return;
  await app.register(underPressure, {
    maxEventLoopDelay: maxDelayMs,
    sampleInterval: SAMPLE_MS,
    pressureHandler: (request, reply, _type, delayMs = maxDelayMs) => {
      // Infinite: nothing has been measured yet.
      if (request.routeOptions.config.access === 'public' || !Number.isFinite(delayMs)) return;
      const late = `The API is ${Math.round(delayMs)} ms behind; MAX_EVENT_LOOP_DELAY_MS allows ${maxDelayMs}.`;
      refuse(new BatonError('overloaded', late), request, reply);
      // Answered here and now: nothing that comes after this hook is of use.
      return new Promise<void>(() => undefined);
    },
  });
}

/**
 * Refuses starts before their bodies are read, while the caller's tenant is being refused for what is queued, or starts wait for too long: a
 * flood must cost as little as can be. Who asks to wait for the result is long under way by his own wish, and does not count.
 */
export function refuseStarts(
  server: FastifyInstance,
  { starter, gate }: { starter: Pick<RunStarter, 'refusalOf'>; gate: StartGate },
  refuse: (error: BatonError, request: FastifyRequest, reply: FastifyReply) => void,
): void {
  server.addHook('onRequest', (request, reply, done) => {
    const { principal, routeOptions } = request;
    if (routeOptions.config.startsRun !== true || principal === null) return done();
    const { tenantId } = principal;
    const error = starter.refusalOf(tenantId) ?? gate.refusalOf(tenantId);
    if (error !== null) return refuse(error, request, reply);
    if (request.headers.prefer === undefined) reply.raw.once('close', gate.enter(tenantId));
    done();
  });
}
