import { afterEach, describe, expect, it } from '@jest/globals';
import { armFaultPoints, faultPoint } from './fault-point.js';

describe('fault points', () => {
  const crashed: string[] = [];
  const crash = ({ point }: { point: string }): void => void crashed.push(point);
  afterEach(() => armFaultPoints([], crash));

  it('do nothing unless armed', () => {
    faultPoint('submit.afterCommit');
    expect(crashed).toEqual([]);
  });

  it('crash at the given pass, once, and only where they are armed', () => {
    armFaultPoints([{ point: 'submit.afterCommit', pass: 2, fault: 'kill' }], crash);
    faultPoint('advance.afterAppend');
    faultPoint('submit.afterCommit');
    expect(crashed).toEqual([]);
    faultPoint('submit.afterCommit');
    faultPoint('submit.afterCommit');
    expect(crashed).toEqual(['submit.afterCommit']);
  });
});
