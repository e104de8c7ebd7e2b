import { describe, expect, it } from '@jest/globals';
import { AnalyticsQuery, periodOf } from './analytics.js';

const NOW = Date.parse('2026-03-31T12:34:56Z');

function period(query: Record<string, string>): [from: string, to: string] {
  const { from, to } = periodOf(AnalyticsQuery.parse(query), NOW);
  return [new Date(from).toISOString(), new Date(to).toISOString()];
}

describe('periodOf', () => {
  it('is of whole spans, up to the one that is now', () => {
    expect(period({})).toEqual(['2026-03-02T00:00:00.000Z', '2026-04-01T00:00:00.000Z']);
    expect(period({ interval: 'hour' })).toEqual(['2026-03-30T13:00:00.000Z', '2026-03-31T13:00:00.000Z']);
  });

  it('has the spans in which its ends lie', () => {
    const day = { from: '2026-03-05', to: '2026-03-05' };
    expect(period(day)).toEqual(['2026-03-05T00:00:00.000Z', '2026-03-06T00:00:00.000Z']);
    expect(period({ ...day, interval: 'hour' })).toEqual(['2026-03-05T00:00:00.000Z', '2026-03-06T00:00:00.000Z']);
    const moments = { from: '2026-03-05T10:20:30+02:00', to: '2026-03-05T10:00:00Z', interval: 'hour' };
    expect(period(moments)).toEqual(['2026-03-05T08:00:00.000Z', '2026-03-05T11:00:00.000Z']);
  });

  it('refuses what ends before it begins, and what has too many spans', () => {
    expect(() => period({ from: '2026-03-05', to: '2026-03-04' })).toThrow('wrong with the request');
    expect(period({ from: '2025-03-31' })).toEqual(['2025-03-31T00:00:00.000Z', '2026-04-01T00:00:00.000Z']);
    expect(() => period({ from: '2025-03-30' })).toThrow('wrong with the request');
    expect(period({ from: '2026-03-28T13:00:00Z', interval: 'hour' })[0]).toBe('2026-03-28T13:00:00.000Z');
    expect(() => period({ from: '2026-03-28T12:00:00Z', interval: 'hour' })).toThrow('wrong with the request');
  });
});
