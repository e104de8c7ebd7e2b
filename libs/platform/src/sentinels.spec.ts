import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sentinels } from './sentinels.js';

describe('sentinels', () => {
  const dir = mkdtempSync(join(tmpdir(), 'baton-sentinels-'));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('appends a line an event, which no id can forge', () => {
    const folder = join(dir, 'new');
    new Sentinels(folder).write('entered', '11');
    new Sentinels(folder).write('entered', '12\n2026-01-01 id=13 LOCK_ACQUIRED');
    const lines = readFileSync(join(folder, 'run_agents_entered.log'), 'utf8').trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\dT\S+Z id=11$/),
      expect.stringMatching(/^\d{4}-\d\d-\d\dT\S+Z id=12%0A2026-01-01%20id%3D13%20LOCK_ACQUIRED$/),
    ]);
  });
});
