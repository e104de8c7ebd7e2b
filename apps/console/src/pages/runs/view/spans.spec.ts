import { describe, expect, it } from '@jest/globals';
import { freshView, type AttemptView } from './node-view.js';
import { rowsOf, spansOf } from './spans.js';
import { panned, ticksOf, zoomed } from './time-window.js';

const attempt = (startedAt: number, more: Partial<AttemptView> = {}): AttemptView => ({
  ...{ visit: 1, attempt: 1, pool: null, startedAt, endedAt: null, outcome: null, error: null, retryAt: null },
  ...more,
});

describe('the stretches of time of a node', () => {
  it('are its attempts, the pauses between them, and its waits', () => {
    const node = {
      ...freshView('a', 'work', []),
      attempts: [
        attempt(10, { endedAt: 20, outcome: 'failed', error: { code: 'x', message: 'no' }, retryAt: 30 }),
        attempt(35, { attempt: 2, endedAt: 40, outcome: 'suspended' }),
      ],
      waits: [{ visit: 1, kind: 'time', reason: 'waits', since: 40, until: 90, endedAt: null }],
    };
    expect(spansOf(node).map(({ kind, from, to, status }) => [kind, from, to, status])).toEqual([
      ['wait', 40, null, 'waiting'],
      ['retry', 20, 35, 'retrying'],
      ['work', 10, 20, 'failed'],
      ['work', 35, 40, 'completed'],
    ]);
  });

  it('stand in rows by when they began, without nodes that have not', () => {
    const [late, early, never] = ['late', 'early', 'never'].map((id) => freshView(id, 'work', []));
    const rows = rowsOf([{ ...late!, attempts: [attempt(20)] }, { ...early!, attempts: [attempt(10)] }, never!]);
    expect(rows.map(({ node, from }) => [node.id, from])).toEqual([
      ['early', 10],
      ['late', 20],
    ]);
  });
});

describe('the time that is looked at', () => {
  const whole = { from: 0, to: 1_000 };

  it('is zoomed around a place, and never leaves the whole', () => {
    expect(zoomed(whole, 0.5, 0.5, whole)).toEqual({ from: 250, to: 750 });
    expect(zoomed({ from: 250, to: 750 }, 4, 0, whole)).toEqual(whole);
    expect(panned({ from: 0, to: 500 }, -0.5, whole)).toEqual({ from: 0, to: 500 });
    expect(panned({ from: 0, to: 500 }, 0.5, whole)).toEqual({ from: 250, to: 750 });
  });

  it('is marked at round distances', () => {
    expect(ticksOf({ from: 100, to: 1_100 }, 100, 5)).toEqual([100, 300, 500, 700, 900, 1_100]);
    expect(ticksOf({ from: 0, to: 86_400_000 * 30 }, 0, 6)).toHaveLength(5);
  });
});
