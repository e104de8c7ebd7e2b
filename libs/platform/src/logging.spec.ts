import { describe, expect, it } from '@jest/globals';
import { BatonError } from '@baton/core';
import { createLogger, rateLimited, type BatonLogger } from './logging.js';

function capture(logLevel: 'debug' | 'info' = 'info'): { log: BatonLogger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (text: string): void => void lines.push(JSON.parse(text) as Record<string, unknown>);
  return { log: createLogger({ logLevel, role: 'worker' }, { write }), lines };
}

describe('log', () => {
  it('writes JSON with level, time and role, and what the child carries', () => {
    const { log, lines } = capture();
    log.child({ run_id: 'r1', task_id: 't1' }).info({ seq: 3 }, 'Appended');
    expect(lines).toEqual([
      expect.objectContaining({ level: 'info', role: 'worker', run_id: 'r1', task_id: 't1', seq: 3, msg: 'Appended' }),
    ]);
    expect(new Date(String(lines[0]!.time)).getTime()).toBeGreaterThan(0);
  });

  it('leaves out what is below the level', () => {
    const { log, lines } = capture();
    log.debug({}, 'Detail');
    expect(lines).toEqual([]);
  });

  it('redacts secrets at every usual depth', () => {
    const { log, lines } = capture();
    log.info({ token: 'hunter2', request: { headers: { authorization: 'Bearer hunter2' }, password: 'hunter2' } }, 'Request');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines[0]).toMatchObject({ token: '[redacted]', request: { headers: { authorization: '[redacted]' } } });
  });

  it('keeps message and stack of an error', () => {
    const { log, lines } = capture();
    log.error({ err: new Error('broken') }, 'Failed');
    expect(lines[0]).toMatchObject({ err: { message: 'broken', stack: expect.stringContaining('logging.spec') } });
  });

  it('says nothing of what a statement that failed was to write', () => {
    const { log, lines } = capture();
    const sql = "INSERT INTO journal VALUES ('hunter2')";
    const driverError = Object.assign(new Error('Deadlock found'), { errno: 1213, sql });
    const failed = Object.assign(new Error('Deadlock found'), { query: sql, parameters: ['hunter2'], driverError });
    log.error({ err: failed }, 'Failed');
    log.error({ err: new AggregateError([driverError], 'many') }, 'Failed');
    log.error({ err: new BatonError('storage_unavailable', 'Away.', {}, { cause: driverError }) }, 'Failed');
    expect(lines).toMatchObject([
      { err: { message: 'Deadlock found', stack: expect.any(String), driverError: { errno: 1213 } } },
      { err: { aggregateErrors: [{ errno: 1213 }] } },
      { err: { code: 'storage_unavailable', options: { cause: { errno: 1213 } } } },
    ]);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });
});

describe('rate limit', () => {
  it('writes a message once a second and says how many it held back', () => {
    const { log, lines } = capture();
    let now = 0;
    const limited = rateLimited(log, { clock: { monotonic: () => now } });
    for (; now < 1_500; now += 100) limited.warn({ at: now }, 'Redis is away');
    limited.warn({}, 'Something else');
    expect(lines.map(({ msg, at, suppressed }) => [msg, at, suppressed])).toEqual([
      ['Redis is away', 0, undefined],
      ['Redis is away', 1_000, 9],
      ['Something else', undefined, undefined],
    ]);
  });
});
