import { describe, expect, it } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { OverBudget } from './run-budget.js';
import { StepsInWork } from './steps-in-work.js';

const never = new Promise<never>(() => undefined);
const overBudget = new OverBudget(null);

function open() {
  const left: OverBudget[] = [];
  return { steps: new StepsInWork((error) => left.push(error)), left };
}

describe('an abort', () => {
  it('leaves a step whose work ignores it', async () => {
    const { steps } = open();
    const step = steps.run('model', () => never);
    steps.leaveAll(new Error('aborted'));
    await expect(step).rejects.toThrow('aborted');
  });

  it('finds a step in work until it has ended', () => {
    const { steps } = open();
    void steps.run('model', () => never);
    expect(steps.has('model')).toBe(true);
    steps.end('model');
    expect(steps.has('model')).toBe(false);
  });
});

describe('a step that wants more than the run has left', () => {
  it('has no result of its own any more, and neither has what holds it', async () => {
    const { steps } = open();
    const [inner, outer] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const settled: string[] = [];
    const hear = (key: string, work: Promise<string>): void =>
      void steps
        .run(key, () => work)
        .then(
          () => settled.push(`${key} ended`),
          (reason: Error) => settled.push(`${key}: ${reason.message}`),
        );
    hear('item-0/model', inner.promise);
    hear('item-0', outer.promise);
    steps.holdUp('item-0/model', overBudget);
    inner.reject(new Error('its time is up'));
    outer.resolve('done');
    await nextTurn();
    expect(settled).toEqual([]);
    steps.leaveAll(new Error('left'));
    await nextTurn();
    expect(settled).toEqual(['item-0/model: left', 'item-0: left']);
  });

  it('lets the attempt be left once the other steps have ended', async () => {
    const { steps, left } = open();
    void steps.run('a', () => never);
    void steps.run('b', () => never);
    steps.holdUp('a', overBudget);
    await nextTurn();
    expect(left).toEqual([]);
    steps.end('b');
    await nextTurn();
    expect(left).toEqual([overBudget]);
  });
});
