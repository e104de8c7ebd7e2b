import { describe, expect, it } from '@jest/globals';
import { prefersAsync, readIdempotency, readWait } from './start-headers.js';

describe('Prefer: wait', () => {
  it.each([
    [undefined, 0],
    ['', 0],
    ['wait=5', 5_000],
    ['WAIT = 5', 5_000],
    ['respond-async, wait=10', 10_000],
    ['wait="7"; foo', 7_000],
    ['wait=100000', 60_000],
    ['wait=0', 0],
    ['wait=-1', 0],
    ['wait=1.5', 0],
    ['await=5', 0],
    ['wait=99999999', 0],
  ])('reads %j as %d ms', (header, ms) => {
    expect(readWait(header, 60_000)).toBe(ms);
  });
});

describe('Idempotency-Key', () => {
  it('stands for the meaning of a request, whatever the order of its fields', () => {
    const first = readIdempotency('k', ['start', { a: 1, b: [2] }]);
    expect(first).toEqual(readIdempotency('k', ['start', { b: [2], a: 1 }]));
    expect(first!.requestDigest).not.toBe(readIdempotency('k', ['start', { a: 1, b: [3] }])!.requestDigest);
    expect(readIdempotency(undefined, 'x')).toBeNull();
  });

  it.each(['', 'with blank', 'ümlaut', 'x'.repeat(201)])('refuses %j', (key) => {
    expect(() => readIdempotency(key, null)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});

describe('prefersAsync', () => {
  it.each(['respond-async', 'wait=3, Respond-Async', 'respond-async;x=1'])('is true of %j', (header) => {
    expect(prefersAsync(header)).toBe(true);
  });

  it.each([undefined, '', 'wait=3', 'no-respond-async', 'respond-asynchronously'])('is false of %j', (header) => {
    expect(prefersAsync(header)).toBe(false);
  });
});
