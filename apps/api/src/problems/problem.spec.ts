import { describe, expect, it } from '@jest/globals';
import { BatonError, ERROR_CODES, type ErrorCode } from '@baton/core';
import { toProblem } from './problem.js';

const request = { path: '/run-agents', id: 'r-1' };

describe('problem', () => {
  it('keeps the ids of the error beside its own members, which they cannot overwrite', () => {
    const { body } = toProblem(new BatonError('already_running', 'Busy.', { live_run_id: 'r', status: 'x', code: 'y' }), request);
    expect(body).toMatchObject({ live_run_id: 'r', status: 409, code: 'already_running', detail: 'Busy.', request_id: 'r-1' });
  });

  it('never says 5xx but 503 for what a caller may meet, and gives each 503 a whole Retry-After', () => {
    const met: ErrorCode[] = ['overloaded', 'storage_unavailable', 'queue_unavailable', 'unhealthy', 'timeout', 'model_failed'];
    for (const code of met) {
      const { status, headers } = toProblem(new BatonError(code, '', {}, { retryAfterSeconds: 0.2 }), request);
      expect([status, headers['retry-after']]).toEqual([503, '1']);
    }
  });

  it('has a status for every code', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      expect(toProblem(new BatonError(code, ''), request).status).toBeGreaterThanOrEqual(400);
    }
  });
});
