import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { ATTEMPTS, type AttemptResult } from '../support/sealed-network/attempts.js';

const PROGRAM = join(process.cwd(), 'test/support/sealed-network/world.ts');
const HOOKS = join(process.cwd(), 'test/support/typescript-hooks.ts');

/** Two seconds on a machine with nothing else to do. */
const BOUND_MS = 30_000;

/** Null: a network of its own can be had. */
function whyNot(): string | null {
  try {
    execFileSync('unshare', ['--net', 'ip', 'link', 'show', 'lo'], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `it needs root, unshare and ip (${(error as Error).message.split('\n')[0]})`;
  }
}

/**
 * The guard in a network where every address, private or public, answers: what it refuses is not merely said to be refused, no packet is sent.
 * Nothing of it leaves the namespace, which ends with the program.
 */
describe('in a network where every address answers', () => {
  const obstacle = whyNot();
  if (obstacle !== null) {
    test(`NOT RUN: ${obstacle}`, () => void process.stderr.write(`The guard was not tried in a sealed network: ${obstacle}\n`));
    return;
  }

  test(
    'no call reaches what it must not',
    async () => {
      const command = ['--net', process.execPath, '--import', HOOKS, PROGRAM];
      const { stdout } = await promisify(execFile)('unshare', command, { timeout: BOUND_MS, maxBuffer: 10_000_000 });
      const results = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as AttemptResult);
      expect(results).toHaveLength(ATTEMPTS.length);
      const seen = ATTEMPTS.map(({ url, answers = [], expected }, index) => ({ url, answers, expected, ...results[index]! }));
      for (const one of seen) {
        const [code] = one.outcome.split(':');
        if (one.expected === 'reached') expect(one).toMatchObject({ outcome: expect.stringMatching(/^(200|connected)$/) });
        else expect({ ...one, outcome: code }).toMatchObject({ outcome: 'http_refused', reached: expect.any(Array) });
        const hops = one.expected === 'refused' ? 0 : 1;
        expect(one).toMatchObject({ connections: hops });
        expect(one.reached).toHaveLength(hops);
        if (one.expected === 'refused after the first hop') expect(one.reached).toEqual(['93.184.216.34']);
      }
    },
    2 * BOUND_MS,
  );
});
