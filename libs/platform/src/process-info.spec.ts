import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describeProcess, isProcessGone } from './process-info.js';

describe('process', () => {
  it('describes itself and knows that it lives', () => {
    const own = describeProcess();
    expect(own.pid).toBe(process.pid);
    expect(Date.now() - own.startedAt).toBeGreaterThanOrEqual(0);
    expect(isProcessGone(own)).toBe(false);
  });

  it('tells a process that has ended', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const { pid } = child;
    await once(child, 'exit');
    expect(isProcessGone({ ...describeProcess(), pid: pid! })).toBe(true);
  });

  it('tells a later process with the same pid from the one described', () => {
    const own = describeProcess();
    const earlier = own.processStart.replace(/\d+$/, '1');
    expect(isProcessGone({ ...own, processStart: earlier })).toBe(own.processStart !== earlier);
  });

  it('says nothing of other hosts, boots and containers', () => {
    const own = describeProcess();
    expect(isProcessGone({ ...own, pid: 2 ** 22 + 1, host: `${own.host}-2` })).toBe(false);
    expect(isProcessGone({ ...own, pid: 2 ** 22 + 1, processStart: 'another-boot/1/1' })).toBe(false);
  });
});
