import { describe, expect, it } from '@jest/globals';
import {
  admitCall,
  afterAnswer,
  afterFailure,
  circuitOpen,
  circuitState,
  closedCircuit,
  judgeFailure,
  releaseProbe,
  takeProbe,
  type Circuit,
} from './circuit.js';
import { BatonError, toErrorInfo } from './errors.js';

const POLICY = { failureThreshold: 3, openMs: 30_000 };
const CLOSED = closedCircuit({ tenantId: 'default', target: 'https://a.test' });
const failure = (at: number, token: string | null = null) => ({ token, at, error: 'answered 503' });

/** After so many failures in a row, at the instants 1, 2, 3, … */
function failing(times: number): Circuit {
  let circuit = CLOSED;
  for (let at = 1; at <= times; at += 1) circuit = afterFailure(circuit, failure(at), POLICY)!;
  return circuit;
}

const OPEN = failing(3);
const TRYING = takeProbe(OPEN, 'mine', 30_003, POLICY)!;

describe('a circuit', () => {
  it('opens after as many failures in a row as its policy says', () => {
    expect(failing(2)).toEqual({ ...CLOSED, failures: 2, lastError: 'answered 503', failedAt: 2, changedAt: 2 });
    expect(OPEN).toMatchObject({ failures: 3, openedAt: 3, openUntil: 30_003 });
    expect([circuitState(failing(2), 9), circuitState(OPEN, 30_002), circuitState(OPEN, 30_003)]).toEqual([
      'closed',
      'open',
      'half_open',
    ]);
  });

  it('counts in a row: an answer begins anew', () => {
    const answered = afterAnswer(failing(2), null, 5);
    expect(answered).toMatchObject({ failures: 0, lastError: 'answered 503', changedAt: 5 });
    expect(afterFailure(answered!, failure(6), POLICY)).toMatchObject({ failures: 1, openedAt: null });
    expect(afterAnswer(CLOSED, null, 5)).toBeNull();
  });

  it('refuses calls until it is half open, then lets one through', () => {
    expect(admitCall(CLOSED, 4)).toEqual({ kind: 'pass' });
    expect(admitCall(OPEN, 30_002)).toEqual({ kind: 'refused', until: 30_003 });
    expect(admitCall(OPEN, 30_003)).toEqual({ kind: 'probe' });
    expect(takeProbe(OPEN, 'early', 30_002, POLICY)).toBeNull();
    expect(TRYING.probe).toEqual({ token: 'mine', until: 60_003 });
    expect(admitCall(TRYING, 30_004)).toEqual({ kind: 'refused', until: 35_004 });
    expect(admitCall(TRYING, 60_000)).toEqual({ kind: 'refused', until: 60_003 });
    expect(takeProbe(TRYING, 'another', 30_004, POLICY)).toBeNull();
  });

  it('lets another call try when the first one is lost', () => {
    expect(takeProbe(TRYING, 'another', 60_003, POLICY)?.probe?.token).toBe('another');
    expect(takeProbe(OPEN, 'quick', 30_003, { ...POLICY, openMs: 10 })?.probe?.until).toBe(60_003);
    expect(releaseProbe(TRYING, 'mine', 9)?.probe).toBeNull();
    expect(releaseProbe(TRYING, 'another', 9)).toBeNull();
  });

  it('closes with the answer to the call that tried, and with no other', () => {
    expect(afterAnswer(TRYING, 'mine', 40_000)).toMatchObject({ failures: 0, openedAt: null, openUntil: null, probe: null });
    expect([afterAnswer(TRYING, null, 40_000), afterAnswer(TRYING, 'lost', 40_000), afterAnswer(OPEN, null, 9)]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('stays open, since the same instant, when that call fails; late failures prolong nothing', () => {
    expect(afterFailure(TRYING, failure(40_000, 'mine'), POLICY)).toMatchObject({
      ...{ failures: 4, openedAt: 3, openUntil: 70_000, probe: null },
    });
    expect(afterFailure(TRYING, failure(40_000, 'lost'), POLICY)).toBeNull();
    expect(afterFailure(OPEN, failure(5), POLICY)).toBeNull();
  });
});

describe('a failure', () => {
  const http = (context: { status?: number }, retryable?: boolean) =>
    new BatonError('http_failed', 'failed', context, retryable === undefined ? {} : { retryable });
  const withCode = (code: string) => Object.assign(new Error('lost'), { code });

  it.each<[string, unknown, string]>([
    ['a status of 500', http({ status: 500 }), 'failed'],
    ['a status of 503 that says when to come back', http({ status: 503 }, true), 'failed'],
    ['a status of 404', http({ status: 404 }, false), 'answered'],
    ['a status of 429', http({ status: 429 }, true), 'answered'],
    ['no answer', http({}, true), 'failed'],
    ['an answer too large', http({}, false), 'answered'],
    ['a model without a status', new BatonError('model_failed', 'lost', { status: 0 }), 'failed'],
    ['a model that is overloaded', new BatonError('model_failed', 'busy', { status: 529 }), 'failed'],
    ['a model that says too much', new BatonError('model_answer_too_large', 'no end', {}, { retryable: false }), 'answered'],
    ['a timeout', new BatonError('timeout', 'too slow'), 'failed'],
    ['a timeout of fetch', Object.assign(new Error('too slow'), { name: 'TimeoutError' }), 'failed'],
    ['a refused connection', withCode('ECONNREFUSED'), 'failed'],
    ['fetch without a connection', new TypeError('fetch failed', { cause: withCode('UND_ERR_SOCKET') }), 'failed'],
    ['an address that is not allowed', new BatonError('http_refused', 'no'), 'silent'],
    ['a bad expression', new BatonError('expression_failed', 'no'), 'silent'],
    ['a defect', new TypeError('x is undefined'), 'silent'],
    ['something thrown', 'text', 'silent'],
  ])('that is %s', (_name, error, verdict) => {
    expect(judgeFailure(error)).toBe(verdict);
  });

  it('of a refused call says until when, and since when', () => {
    expect(toErrorInfo(circuitOpen(OPEN, 30_003, 10_003))).toEqual({
      code: 'circuit_open',
      message: 'Calls to https://a.test are stopped since 1970-01-01T00:00:00.003Z, after 3 failures in a row (answered 503).',
      retryable: true,
      retry_after_ms: 20_000,
      details: { target: 'https://a.test', since: '1970-01-01T00:00:00.003Z', until: '1970-01-01T00:00:30.003Z' },
    });
    expect(circuitOpen(CLOSED, 0, 5).message).toContain('after 0 failures in a row.');
  });
});
