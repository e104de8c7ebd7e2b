import { expect, it } from '@jest/globals';
import type { Approval, RunStore, TaskStore, WorkerRegistry } from '@baton/core';
import { changeLooks, diffSnapshots } from './change-looks.js';

const seen = (...ids: string[]) => new Map(ids.map((id) => [id, 'as it was']));

it('tells what is new, and what has changed', () => {
  expect(diffSnapshots(seen('b', 'a'), new Map([...seen('c', 'b'), ['a', 'otherwise']]), 50)).toEqual(['c', 'a']);
});

it.each([
  ['nothing is pushed out', seen('c', 'b', 'a'), seen('d', 'c'), Infinity, ['d', 'b', 'a']],
  ['there is room for more', seen('b', 'a'), seen('c'), 3, ['c', 'b', 'a']],
  ['what stood below it is there', seen('c', 'b', 'a'), seen('c', 'a', 'older'), 3, ['older', 'b']],
] as const)('tells what is gone where %s', (_where, before, after, pushesOutFrom, told) => {
  expect(diffSnapshots(before, after, pushesOutFrom)).toEqual(told);
});

it('takes for gone nothing that newer ones have pushed out of sight', () => {
  expect(diffSnapshots(seen('c', 'b', 'a'), seen('d', 'c', 'b'), 3)).toEqual(['d']);
  expect(diffSnapshots(seen('b', 'a'), seen('d', 'c'), 2)).toEqual(['d', 'c']);
});

it('names none that is gone with all below it that were in sight: older ones may have come up, or newer ones pushed it out', () => {
  expect(diffSnapshots(seen('c', 'b', 'a'), seen('c', 'b', 'older'), 3)).toEqual(['older']);
  expect(diffSnapshots(seen('c', 'b', 'a'), seen('z', 'y', 'x'), 3)).toEqual(['z', 'y', 'x']);
});

it('tells of each approval that is gone of those that have waited longest, though more are open', async () => {
  const open = Array.from({ length: 150 }, (_none, n) => ({
    runId: `r${n}`,
    nodeId: 'a',
    visit: 1,
    role: 'operator',
    votes: [],
  }));
  const runs = {
    listApprovals: ({ limit }: { limit: number }) => Promise.resolve(open.slice(0, limit) as unknown as Approval[]),
  } as unknown as RunStore;
  const look = changeLooks({ runs, tasks: {} as TaskStore, registry: {} as WorkerRegistry }).approvals;
  const before = await look.take('default');
  open.splice(99, 1);
  expect(diffSnapshots(before, await look.take('default'), look.pushesOutFrom)).toEqual(['r100.1.a', 'r99.1.a']);
});
