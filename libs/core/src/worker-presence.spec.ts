import { beforeEach, describe, expect, it } from '@jest/globals';
import { Absences, type Attendance } from './worker-presence.js';

const look = (session: string, ...ids: string[]): Attendance => ({ session, present: new Set(ids), workers: ids.length });

let absences: Absences;

beforeEach(() => {
  absences = new Absences();
});

describe('a missing name', () => {
  it('is an absence that grows with each look, until it is back', () => {
    expect(absences.judge(look('s', 'a', 'b'))).toEqual([]);
    expect(absences.judge(look('s', 'a'))).toEqual([{ id: 'b', looks: 1 }]);
    expect(absences.judge(look('s', 'a'))).toEqual([{ id: 'b', looks: 2 }]);
    expect(absences.judge(look('s', 'a', 'b'))).toEqual([]);
    expect(absences.judge(look('s', 'a'))).toEqual([{ id: 'b', looks: 1 }]);
  });

  it('says nothing of a process that was never seen', () => {
    absences.judge(look('s', 'a'));
    expect(absences.judge(look('s', 'a', 'c'))).toEqual([]);
    expect(absences.judge(look('s', 'a'))).toEqual([{ id: 'c', looks: 1 }]);
  });

  it("is nobody's death where the observer was disconnected between the looks", () => {
    absences.judge(look('before', 'a', 'b'));
    expect(absences.judge(look('after'))).toEqual([]);
    expect(absences.judge(look('after'))).toEqual([]);
    expect(absences.judge(look('after', 'a'))).toEqual([]);
    expect(absences.judge(look('after'))).toEqual([{ id: 'a', looks: 1 }]);
  });

  it("is nobody's death after a look that told nothing", () => {
    absences.judge(look('s', 'a', 'b'));
    expect(absences.judge(null)).toEqual([]);
    expect(absences.judge(look('s', 'a'))).toEqual([]);
  });

  it('does not carry a doubt over a disconnection', () => {
    absences.judge(look('s', 'a'));
    absences.judge(look('s'));
    absences.judge(look('t', 'a'));
    expect(absences.judge(look('t'))).toEqual([{ id: 'a', looks: 1 }]);
  });

  it('is told no more once it is settled, but who comes back is watched again', () => {
    absences.judge(look('s', 'a', 'b'));
    absences.judge(look('s', 'b'));
    absences.settle('a');
    expect(absences.judge(look('s', 'b'))).toEqual([]);
    absences.judge(look('s', 'a', 'b'));
    expect(absences.judge(look('s', 'b'))).toEqual([{ id: 'a', looks: 1 }]);
  });
});
