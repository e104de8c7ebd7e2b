import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BatonError } from '@baton/core';
import { defaultProvider, loadConfig } from './config.js';

const KEY = 'sk-secret-of-the-test';
const provider = (more: object = {}) => ({ base_url: 'https://models.test/v1', default_model: 'big', ...more });
const providers = (value: object): Record<string, string> => ({ MODEL_PROVIDERS: JSON.stringify(value) });

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'baton-models-'));
  writeFileSync(join(dir, 'key'), `${KEY}\n`);
  writeFileSync(join(dir, 'providers.json'), JSON.stringify({ groq: provider({ api_key: KEY }) }));
});
afterAll(() => rmSync(dir, { recursive: true }));

function problemsOf(env: Record<string, string>): string {
  try {
    loadConfig('standalone', env);
    return '';
  } catch (error) {
    return (error as BatonError).message;
  }
}

describe('model providers', () => {
  it.each([
    ['beside the address', () => providers({ groq: provider({ api_key: KEY }) })],
    ['in a variable', () => ({ ...providers({ groq: provider({ api_key_env: 'GROQ_KEY' }) }), GROQ_KEY: KEY })],
    ['in a file', () => providers({ groq: provider({ api_key_file: join(dir, 'key') }) })],
    ['in a file with all of it', () => ({ MODEL_PROVIDERS_FILE: join(dir, 'providers.json') })],
  ])('have their keys %s', (_, env) => {
    const { modelProviders } = loadConfig('standalone', env());
    expect(modelProviders.get('groq')).toEqual({
      ...{ baseUrl: 'https://models.test/v1', apiKey: KEY, defaultModel: 'big' },
      ...{ timeoutMs: null, maxRetries: null, maxConnections: null, maxAnswerBytes: null },
    });
  });

  it('need no key, and may have limits of their own', () => {
    const own = { timeout_ms: 1_000, max_retries: 0, max_connections: 3, max_answer_bytes: 2_048 };
    expect(loadConfig('standalone', providers({ home: provider(own) })).modelProviders.get('home')).toMatchObject({
      ...{ apiKey: null, timeoutMs: 1_000, maxRetries: 0, maxConnections: 3, maxAnswerBytes: 2_048 },
    });
  });

  it.each([
    ['no JSON', { MODEL_PROVIDERS: `{"groq": "${KEY}"` }, 'must be valid JSON'],
    ['no address', providers({ groq: { api_key: KEY, default_model: 'big' } }), 'groq: base_url'],
    ['a reserved name', providers({ openai: provider({ api_key: KEY }) }), 'openai'],
    ['two keys', providers({ groq: provider({ api_key: KEY, api_key_env: 'X' }) }), 'more than one of'],
    ['a variable that is not set', providers({ groq: provider({ api_key_env: 'NOT_SET' }) }), 'NOT_SET holds no key'],
    ['a file that is not there', providers({ groq: provider({ api_key_file: '/no/such/file' }) }), 'ENOENT'],
    ['a key that is none', providers({ groq: provider({ api_key: `${KEY} x` }) }), 'groq: api_key'],
  ])('with %s are refused, and no key is told', (_, env, problem) => {
    const problems = problemsOf(env);
    expect(problems).toContain(problem);
    expect(problems).toContain('MODEL_PROVIDERS');
    expect(problems).not.toContain(KEY);
  });

  it('are asked by default as MODEL_PROVIDER says, else the endpoint of OpenAI, the first one, the local one', () => {
    const chosen = (env: Record<string, string>) => defaultProvider(loadConfig('standalone', env));
    const two = providers({ zeta: provider(), alpha: provider() });
    expect(chosen({})).toBe('local');
    expect(chosen(two)).toBe('zeta');
    expect(chosen({ ...two, OPENAI_API_KEY: KEY })).toBe('openai');
    expect(chosen({ ...two, MODEL_PROVIDER: 'alpha' })).toBe('alpha');
    expect(problemsOf({ ...two, MODEL_PROVIDER: 'beta' })).toContain('the name of a provider in MODEL_PROVIDERS');
  });
});

describe('prices', () => {
  it('stand by model', () => {
    const prices = { 'groq/big': { input: 1, output: 2.5 } };
    expect(loadConfig('standalone', { MODEL_PRICES: JSON.stringify(prices) }).modelPrices).toEqual(prices);
    expect(loadConfig('standalone', {}).modelPrices).toEqual({});
  });

  it.each(['{', '{"big": {"input": 1, "output": 1}}', '{"a/b": {"input": -1, "output": 1}}', '{"a/b": {"input": 1}}'])(
    'are refused where they are none: %s',
    (MODEL_PRICES) => expect(problemsOf({ MODEL_PRICES })).toContain('MODEL_PRICES'),
  );
});
