import { describe, expect, it } from '@jest/globals';
import { BatonError, ERROR_CODES, toErrorInfo } from './errors.js';

describe('BatonError', () => {
  it('carries the remedy of its code, or its own', () => {
    expect(new BatonError('timeout', 'late').remedy).toBe(ERROR_CODES.timeout.remedy);
    expect(new BatonError('timeout', 'late', {}, { remedy: 'Wait.' }).remedy).toBe('Wait.');
  });

  it('speaks of `problems` only where it has some', () => {
    expect(new BatonError('invalid_request', 'Not JSON.').remedy).not.toContain('problems');
    expect(new BatonError('invalid_request', 'x', {}, { problems: [] }).remedy).toContain('problems');
  });

  it('keeps its cause, where it has one', () => {
    const cause = new Error('why');
    expect(new BatonError('internal', 'x', {}, { cause }).cause).toBe(cause);
    expect('cause' in new BatonError('internal', 'x')).toBe(false);
  });
});

describe('toErrorInfo', () => {
  it('gives of its own error code, message, context and whether a retry may help', () => {
    expect(toErrorInfo(new BatonError('model_failed', 'no', { model: 'm' }, { retryable: false }))).toEqual({
      ...{ code: 'model_failed', message: 'no', retryable: false, details: { model: 'm' } },
    });
    expect(toErrorInfo(new BatonError('model_failed', 'no'))).toEqual({ code: 'model_failed', message: 'no' });
  });

  it('gives of other errors the message, or at least the name, and never the stack', () => {
    expect(toErrorInfo(new TypeError('bad'))).toEqual({ code: 'node_failed', message: 'bad' });
    expect(toErrorInfo(new TypeError(''))).toEqual({ code: 'node_failed', message: 'TypeError' });
  });

  it.each([
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [{ code: 7 }, '{ code: 7 }'],
    [Object.create(null), '[Object: null prototype] {}'],
  ])('takes %p, thrown, as it comes', (thrown, message) => {
    expect(toErrorInfo(thrown)).toEqual({ code: 'node_failed', message });
  });

  it.each([new Error('x'.repeat(1_000_000)), 'x'.repeat(1_000_000), new BatonError('internal', 'x'.repeat(1_000_000))])(
    'bounds what goes into the journal',
    (thrown) => expect(toErrorInfo(thrown).message).toHaveLength(2_000),
  );
});
