import { describe, expect, test } from '@jest/globals';
import { matchesName, rateClaims, RateRulesSchema, type LimitedCall } from './rate-rules.js';

const claims = (rules: unknown, call: Partial<LimitedCall>) =>
  rateClaims(RateRulesSchema.parse(rules), { tenantId: 'a', ...call });
const keys = (...asked: Parameters<typeof claims>) => claims(...asked).map(({ key }) => key);

test.each([
  ['api.example', 'API.example', true],
  ['api.example', 'b.api.example', false],
  ['*', 'anything', true],
  ['*.example', 'a.b.example', true],
  ['*.example', 'example', false],
  ['*.example', 'a.example.evil', false],
  ['gpt-*', 'gpt-5', true],
  ['gpt-*-mini', 'gpt-5.4-mini', true],
  ['gpt-*-mini', 'gpt-mini', false],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['aa*aa', 'aaa', false],
])('%s is a pattern of %s: %s', (pattern, name, expected) => {
  expect(matchesName(pattern, name)).toBe(expected);
});

describe('a rule', () => {
  test('claims a call for each request, and the tokens of a model', () => {
    const rule = { name: 'fast', model: 'gpt-*', requests: 60, tokens: 10_000 };
    expect(claims([rule], { model: 'gpt-5', tokens: 700 })).toEqual([
      { key: 'rule/fast/requests', limit: { amount: 60, perMs: 60_000, burst: 6 }, cost: 1, label: '60 requests in 60 s' },
      {
        key: 'rule/fast/tokens',
        limit: { amount: 10_000, perMs: 60_000, burst: 1_000 },
        cost: 700,
        label: '10000 tokens in 60 s',
      },
    ]);
  });

  test('lets one call pass at once, however small its limit', () => {
    expect(claims([{ name: 'n', host: '*', requests: 1, burst: 0 }], { host: 'h' })[0]!.limit.burst).toBe(1);
  });

  test('is for what it names only', () => {
    const rules = [
      { name: 'h', host: 'api.example', requests: 1 },
      { name: 'm', model: '*', requests: 1 },
      { name: 't', host: '*', tenants: ['b'], requests: 1 },
    ];
    expect(keys(rules, { host: 'api.example' })).toEqual(['rule/h/requests']);
    expect(keys(rules, { model: 'api.example' })).toEqual(['rule/m/requests']);
    expect(keys(rules, { host: 'other.example' })).toEqual([]);
    expect(keys(rules, { host: 'other.example', tenantId: 'b' })).toEqual(['rule/t/requests']);
  });

  test('names a model with its provider or without', () => {
    for (const model of ['openai/gpt-5', 'gpt-5', 'openai/*', '*']) {
      expect(keys([{ name: 'm', model, requests: 1 }], { model: 'openai/gpt-5' })).toEqual(['rule/m/requests']);
    }
    expect(keys([{ name: 'm', model: 'azure/gpt-5', requests: 1 }], { model: 'openai/gpt-5' })).toEqual([]);
  });

  test('may be for each tenant and host by itself', () => {
    const rules = [{ name: 'n', host: '*', per: ['tenant', 'host'], requests: 1 }];
    expect(keys(rules, { host: 'X.example' })).toEqual(['rule/n/requests/a/x.example']);
    expect(keys(rules, { host: 'x', tenantId: 'a/x' })).toEqual(['rule/n/requests/a%2Fx/x']);
  });

  test.each([
    [{ name: 'n', requests: 1 }],
    [{ name: 'n', host: 'h', model: 'm', requests: 1 }],
    [{ name: 'n', host: 'h' }],
    [{ name: 'n', host: 'h', tokens: 1 }],
    [{ name: 'n', host: 'h', requests: 0 }],
    [{ name: 'n', host: 'h', requests: 1, per: ['model'] }],
    [{ name: 'a b', host: 'h', requests: 1 }],
  ])('is not %j', (rule) => expect(RateRulesSchema.safeParse([rule]).success).toBe(false));

  test('has a name of its own', () => {
    const rule = { name: 'n', host: 'h', requests: 1 };
    expect(RateRulesSchema.safeParse([rule, rule]).success).toBe(false);
  });
});
