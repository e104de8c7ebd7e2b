import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describeProcess, fateOf } from './process-info.js';

describe('process', () => {
  it('describes itself and knows that it lives', () => {
    const own = describeProcess();
    expect(own.pid).toBe(process.pid);
    expect(Date.now() - own.startedAt).toBeGreaterThanOrEqual(0);
    expect(fateOf(own)).toBe('alive');
  });

  it('tells a process that has ended', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const { pid } = child;
    await once(child, 'exit');
    expect(fateOf({ ...describeProcess(), pid: pid! })).toBe('gone');
  });

  it('tells a later process with the same pid from the one described', () => {
    const own = describeProcess();
    const earlier = own.processStart.replace(/\d+$/, '1');
    expect(fateOf({ ...own, processStart: earlier })).toBe(own.processStart === earlier ? 'alive' : 'gone');
  });

  it('says nothing of other hosts, boots and containers', () => {
    const own = describeProcess();
    expect(fateOf({ ...own, pid: 2 ** 22 + 1, host: `${own.host}-2` })).toBe('unknown');
    expect(fateOf({ ...own, pid: 2 ** 22 + 1, processStart: 'another-boot/1/1' })).toBe('unknown');
  });
});
