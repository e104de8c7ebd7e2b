import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Campaign, seedsOf, type CampaignEntry } from './campaign.js';
import { readOptions } from './options.js';

const PLAN = { seed: 's', seeds: 5, runs: 200 };
let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'baton-campaign-'));
  file = join(dir, 'chaos.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true }));

function entry(row: string, seed: string, settledMs = 10): CampaignEntry {
  const operations = { ok: 1, failed: 0, unknown: 0 };
  return {
    ...{ at: '2026-11-20T10:00:00.000Z', seconds: 60, commit: null, load: 1 },
    result: {
      ...{
        row,
        seed,
        firings: [],
        fired: 4,
        runs: 200,
        acknowledged: 200,
        operations,
        slowestCallMs: 5,
        recoveryMs: [settledMs],
      },
      ...{ settledMs, falseTakeovers: 0, violations: [], vacuous: [] },
    },
  };
}

test('goes on with what its file holds', () => {
  Campaign.open(file, PLAN).add(entry('1', 's.1'));
  const again = Campaign.open(file, PLAN);
  expect([again.find('1', 's.1'), again.find('1', 's.2'), again.find('2', 's.1')]).toEqual([
    entry('1', 's.1'),
    undefined,
    undefined,
  ]);
});

test('drops a line that was cut off, and writes the next one whole', () => {
  Campaign.open(file, PLAN).add(entry('1', 's.1'));
  appendFileSync(file, '{"at":"2026-11-20T10:0');
  Campaign.open(file, PLAN).add(entry('1', 's.2'));
  expect(Campaign.read(file)!.entries).toEqual([entry('1', 's.1'), entry('1', 's.2')]);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
});

test('keeps that a run has never ended', () => {
  Campaign.open(file, PLAN).add(entry('1', 's.1', Infinity));
  expect(Campaign.read(file)!.find('1', 's.1')).toEqual(entry('1', 's.1', Infinity));
});

test('keeps to the plan of its file', () => {
  Campaign.open(file, PLAN);
  expect(readOptions(['--all', '--out', file]).plan).toEqual(PLAN);
  expect(() => readOptions(['--all', '--out', file, '--runs', '100'])).toThrow('200 runs');
  expect(() => readOptions(['--all', '--rows', '1'])).toThrow('--all');
});

test('names each seed after the first', () => {
  expect(seedsOf({ seed: 's', seeds: 2 })).toEqual(['s.1', 's.2']);
  expect(seedsOf({ seed: 's.2', seeds: 1 })).toEqual(['s.2']);
});
