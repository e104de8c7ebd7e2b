import { describe, expect, test } from '@jest/globals';
import type { JsonObject, NodeContext } from '@baton/core';
import { z } from 'zod';
import { ConfigReader } from './node-config.js';

let checks = 0;
const Config = z.object({ n: z.int() }).transform((config) => {
  checks += 1;
  return config;
});
const contextOf = (config: JsonObject) => ({ nodeId: 'a', config }) as unknown as NodeContext;

describe('the configs of a type of node', () => {
  test('are checked once for all attempts that have the same', () => {
    checks = 0;
    const reader = new ConfigReader(Config);
    const config = { n: 1 };
    expect([reader.read(contextOf(config)), reader.read(contextOf(config))]).toEqual([{ n: 1 }, { n: 1 }]);
    expect(checks).toBe(1);
    expect(reader.read(contextOf({ n: 2 }))).toEqual({ n: 2 });
    expect(checks).toBe(2);
  });

  test('are refused each time where they are wrong', () => {
    const reader = new ConfigReader(Config);
    const wrong = contextOf({ n: 'one' });
    for (let time = 0; time < 2; time += 1) expect(() => reader.read(wrong)).toThrow('/nodes/a/config/n');
  });
});
