import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { FACTS, randomJournal } from '../../../test/support/random-journal.js';
import { EVENT_SCHEMAS, type JournalEvent } from './journal-event.js';
import type { JsonObject } from './json.js';
import type { Plan } from './plan.js';
import { dumpState, restoreState, type FoldedRun } from './run-dump.js';
import { reduce } from './reduce.js';
import { initialState } from './run-state.js';
import { initialTrace, traceEvent } from './run-trace.js';

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed);

const begin = (plan: Plan): FoldedRun => ({ state: initialState(plan, FACTS), trace: initialTrace() });

function fold({ state, trace }: FoldedRun, events: readonly JournalEvent[], plans?: ReadonlyMap<string, Plan>): void {
  for (const event of events) {
    reduce(state, event, plans);
    traceEvent(trace, event);
  }
}

/** A dump as it comes back from a store. */
const stored = (run: FoldedRun): JsonObject => JSON.parse(JSON.stringify(dumpState(run))) as JsonObject;

function restored(dump: unknown, plan: Plan): FoldedRun {
  const outcome = restoreState(dump, plan, FACTS);
  if (outcome.kind !== 'restored') throw new Error(`not restored: ${outcome.reason}`);
  return outcome.run;
}

/** All of it as text: also the order in sets and maps, on which decisions depend. */
const told = ({ state: { plan: _plan, ...state }, trace }: FoldedRun): string =>
  inspect({ state, trace }, { depth: null, maxArrayLength: null });

describe('a dumped state', () => {
  it.each(SEEDS)('is restored as it was, at every prefix of a journal (seed %i)', (seed) => {
    const { plan, plans, events } = randomJournal(seed);
    const run = begin(plan);
    for (const event of events) {
      fold(run, [event], plans);
      expect(told(restored(stored(run), run.state.plan))).toBe(told(run));
    }
  });

  it.each(SEEDS)('is folded on as if the journal had been read from its beginning (seed %i)', (seed) => {
    const { plan, plans, events } = randomJournal(seed);
    const whole = begin(plan);
    fold(whole, events, plans);
    for (let seq = 1; seq < events.length; seq += 7) {
      const before = begin(plan);
      fold(before, events.slice(0, seq), plans);
      const after = restored(stored(before), before.state.plan);
      fold(after, events.slice(seq), plans);
      expect(told(after)).toBe(told(whole));
    }
  });

  it('is proven with every event that there is', () => {
    const met = new Set(SEEDS.flatMap((seed) => randomJournal(seed).events.map(({ type }) => type)));
    const missing = Object.keys(EVENT_SCHEMAS).filter((type) => !met.has(type as never));
    // A new event: let test/support/random-journal.ts write it.
    expect(missing).toEqual([]);
  });

  it('has no room for a field that nobody dumps', () => {
    const run = begin(randomJournal(1).plan);
    expect(() => dumpState({ ...run, state: { ...run.state, extra: 1 } as never })).toThrow('extra');
    Object.assign(run.state.nodes[0]!, { extra: 1 });
    expect(() => dumpState(run)).toThrow('extra');
  });

  it('refuses what JSON would lose', () => {
    const run = begin(randomJournal(1).plan);
    run.state.error = { code: 'x', message: 'y', details: { lost: new Map() } as never };
    expect(() => dumpState(run)).toThrow('error');
  });

  it('is small where little has happened', () => {
    const { plan } = randomJournal(3);
    expect(stored(begin(plan))['nodes']).toEqual([]);
  });
});

describe('a dump that does not fit', () => {
  const { plan, plans, events } = randomJournal(5);
  const run = begin(plan);
  fold(run, events, plans);
  const dump = stored(run);
  const state = dump['state'] as JsonObject;

  it.each([
    ['of another build', { ...dump, format: '0123456789abcdef' }, 'format'],
    ['of another definition', { ...dump, plan: 'f'.repeat(64) }, 'plan'],
    ['that lacks a field', { ...dump, state: { ...state, ready: undefined } }, 'damaged'],
    ['with a field too many', { ...dump, state: { ...state, more: 1 } }, 'damaged'],
    ['with a wrong value', { ...dump, state: { ...state, seq: 'x' } }, 'damaged'],
    ['of fewer nodes', { ...dump, state: { ...state, remaining: [] } }, 'damaged'],
    ['of more nodes', { ...dump, nodes: [[99, { visit: 2 }]] }, 'damaged'],
    ['that is none', null, 'damaged'],
    ['that is text', 'x', 'damaged'],
  ])('%s is told from others', (_name, unfit, reason) => {
    expect(restoreState(unfit, run.state.plan, FACTS)).toEqual({ kind: 'unfit', reason });
  });
});
