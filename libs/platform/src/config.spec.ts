import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatonError } from '@baton/core';
import { loadConfig, retentionOf, type Environment, type ProcessRole } from './config.js';

const TOKEN = 'a-token-of-some-length';

function problemsOf(environment: Environment, role: ProcessRole = 'standalone'): string[] {
  try {
    loadConfig(role, environment);
  } catch (error) {
    if (error instanceof BatonError) return (error.options.problems ?? []).map(({ pointer, message }) => `${pointer} ${message}`);
    throw error;
  }
  return [];
}

describe('configuration', () => {
  it('has a safe default for everything', () => {
    expect(loadConfig('standalone', {})).toMatchObject({
      port: 8001,
      host: '127.0.0.1',
      databaseUrl: 'sqlite:./data/baton.sqlite',
      vectorPath: './data/vectors.sqlite',
      redisUrl: null,
      queue: 'auto',
      taskLockTtlMs: 30_000,
      testHoldMs: 0,
      sentinelDir: null,
      apiTokenAdminHash: null,
    });
  });

  it('takes an empty variable as unset', () => {
    expect(loadConfig('standalone', { PORT: '', REDIS_URL: '' })).toMatchObject({ port: 8001, redisUrl: null });
  });

  it('keeps the embedded files below DATA_DIR', () => {
    expect(loadConfig('standalone', { DATA_DIR: '/srv/baton' })).toMatchObject({
      databaseUrl: 'sqlite:/srv/baton/baton.sqlite',
      vectorPath: '/srv/baton/vectors.sqlite',
    });
  });

  it('turns seconds into milliseconds', () => {
    const config = loadConfig('standalone', { TASK_LOCK_TTL: '45', TEST_HOLD_SECONDS: '0.25' });
    expect([config.taskLockTtlMs, config.testHoldMs]).toEqual([45_000, 250]);
  });

  it('names every problem at once, with what is allowed', () => {
    expect(
      problemsOf({ PORT: '99999', QUEUE: 'celery', LEASE_RENEW_MS: '4000', DATABASE_URL: 'postgres://db' }, 'worker'),
    ).toEqual([
      'PORT must be a whole number from 0 to 65535, not "99999"',
      'DATABASE_URL must be mysql://user:password@host:port/name, sqlite:<path> or sqlite::memory:',
      'QUEUE must be auto, memory, bullmq, not "celery"',
      expect.stringMatching(/^REDIS_URL must be set for a separate API or worker process/),
      expect.stringMatching(/^LEASE_RENEW_MS must be at most a third of LEASE_TTL_MS/),
    ]);
  });

  it.each(['-1', '1e3', '0x10', ' 80', '80 ', '80.5', 'eighty', '65536', '9'.repeat(400)])('refuses the port %j', (port) => {
    expect(problemsOf({ PORT: port })).toHaveLength(1);
  });

  it('never shows a secret', () => {
    const secrets = {
      API_TOKEN_ADMIN: 'hunter2',
      DATABASE_URL: 'postgres://root:hunter2@db',
      REDIS_URL: 'http://:hunter2@redis',
    };
    const problems = problemsOf(secrets);
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('holds tokens hashed only', () => {
    const config = loadConfig('standalone', { API_TOKEN_ADMIN: TOKEN });
    expect(config.apiTokenAdminHash).toBe(createHash('sha256').update(TOKEN).digest('hex'));
    expect(JSON.stringify(config)).not.toContain(TOKEN);
  });

  it('reads a secret from a file, but not from two places', () => {
    const dir = mkdtempSync(join(tmpdir(), 'baton-config-'));
    const file = join(dir, 'redis-url');
    writeFileSync(file, 'redis://:secret@redis:6379\n');
    expect(loadConfig('worker', { REDIS_URL_FILE: file }).redisUrl).toBe('redis://:secret@redis:6379');
    expect(problemsOf({ REDIS_URL_FILE: file, REDIS_URL: 'redis://redis' })).toEqual([
      'REDIS_URL must not be set together with REDIS_URL_FILE',
    ]);
    expect(problemsOf({ REDIS_URL_FILE: join(dir, 'absent') }, 'worker')).toEqual([
      'REDIS_URL REDIS_URL_FILE names a file that cannot be read (ENOENT)',
    ]);
    rmSync(dir, { recursive: true });
  });

  it('binds beyond loopback only with a token', () => {
    expect(problemsOf({ HOST: '0.0.0.0' })).toEqual([
      expect.stringMatching(/^HOST must be a loopback address.*set API_TOKEN_ADMIN/),
    ]);
    expect(problemsOf({ HOST: '0.0.0.0', API_TOKEN_VIEWER: TOKEN })).toEqual([]);
    expect(problemsOf({ HOST: '::1' })).toEqual([]);
  });

  it.each(['api', 'worker'] as const)('refuses a separate %s that could reach no other process', (role) => {
    const broken = problemsOf({ QUEUE: 'memory', DATABASE_URL: 'sqlite::memory:' }, role);
    expect(broken.map((problem) => problem.split(' ')[0])).toEqual(['REDIS_URL', 'QUEUE', 'DATABASE_URL']);
    expect(problemsOf({ REDIS_URL: 'redis://127.0.0.1' }, role)).toEqual([]);
  });

  it('keeps blobs in S3 only where it knows the service and the key, and no secret is shown', () => {
    const service = { S3_URL: 'http://minio:9000', S3_ACCESS_KEY_ID: 'baton' };
    expect(problemsOf({ BLOB_STORE: 's3', ...service })).toEqual([expect.stringMatching(/^BLOB_STORE must be sql or fs while/)]);
    expect(problemsOf({ BLOB_STORE: 's3', ...service, S3_SECRET_ACCESS_KEY: 'secret-key' })).toEqual([]);
    const [problem] = problemsOf({ S3_SECRET_ACCESS_KEY: 'secret with blanks' });
    expect(problem).not.toContain('secret with');
    for (const S3_PREFIX of ['/a', 'a/../b', 'A', 'a//b', '..']) expect(problemsOf({ S3_PREFIX })).toHaveLength(1);
    for (const S3_PREFIX of ['a', 'a/b.c', '.a']) expect(problemsOf({ S3_PREFIX })).toEqual([]);
  });

  it('takes a model endpoint by its address or its key, and an explicit choice of it only then', () => {
    expect(problemsOf({ MODEL_PROVIDER: 'openai', EMBEDDING_PROVIDER: 'openai' })).toEqual([
      expect.stringMatching(/^MODEL_PROVIDER must not be openai while neither OPENAI_API_KEY nor OPENAI_BASE_URL is set/),
      expect.stringMatching(/^EMBEDDING_PROVIDER must be/),
    ]);
    expect(problemsOf({ MODEL_PROVIDER: 'openai', OPENAI_BASE_URL: 'http://127.0.0.1:1573/v1' })).toEqual([]);
    expect(problemsOf({ EMBEDDING_PROVIDER: 'openai', OPENAI_API_KEY: 'sk-1' })).toEqual([]);
    expect(problemsOf({ OPENAI_BASE_URL: 'http://user:password@models/v1' })).toHaveLength(1);
    const [problem, ...others] = problemsOf({ OPENAI_API_KEY: 'sk with blanks' });
    expect([others, problem]).toEqual([[], 'OPENAI_API_KEY must be printable ASCII without blanks']);
  });

  it('reads what is too long for a line from where its path leads', () => {
    const rules = [{ name: 'n', host: 'api.example', requests: 5 }];
    const dir = mkdtempSync(join(tmpdir(), 'baton-config-'));
    const file = join(dir, 'limits.json');
    writeFileSync(file, JSON.stringify(rules));
    const limits = [{ name: 'n', host: 'api.example', requests: 5, seconds: 60, burst: 0.1, per: [] }];
    expect(loadConfig('standalone', { RATE_LIMITS: file }).rateLimits).toEqual(limits);
    expect(loadConfig('standalone', { RATE_LIMITS: JSON.stringify(rules) }).rateLimits).toEqual(limits);
    expect(problemsOf({ RATE_LIMITS: '[{"name": "n", "host": "h"}]' })[0]).toContain('`0`: set `requests` or `tokens`');
    expect(problemsOf({ RATE_LIMITS: join(dir, 'none') })).toHaveLength(1);
    expect(problemsOf({ HTTP_TENANT_ALLOW: '{"a": ["http://b"]}' })[0]).toContain('`a.0`: is no host[:port]');
    rmSync(dir, { recursive: true });
  });

  it('reads how long the runs of single tenants are kept', () => {
    const terms = retentionOf(
      loadConfig('worker', { REDIS_URL: 'redis://r', RUN_TENANT_RETENTION_DAYS: '{"a": 2, "b": "for ever"}' }),
    );
    expect(terms).toEqual({
      keepMs: null,
      tenants: new Map<string, number | null>([
        ['a', 172_800_000],
        ['b', null],
      ]),
    });
    for (const wrong of ['0', '1.5', '36501', '"30"', 'null', '"forever"'])
      expect(problemsOf({ RUN_TENANT_RETENTION_DAYS: `{"a": ${wrong}}` })).toEqual([
        expect.stringMatching(/^RUN_TENANT_RETENTION_DAYS .*`a`: must be days from 1 to 36500, or "for ever"/),
      ]);
  });

  it('archives runs where it can', () => {
    const s3 = { S3_URL: 'http://minio:9000', S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'key' };
    expect(problemsOf({ RUN_ARCHIVE: 's3', ...s3 })).toEqual([]);
    for (const name of Object.keys(s3))
      expect(problemsOf({ RUN_ARCHIVE: 's3', ...s3, [name]: '' })).toEqual([
        expect.stringMatching(/^RUN_ARCHIVE must be off or fs/),
      ]);
    expect(loadConfig('standalone', {})).toMatchObject({ runArchive: 'off', runArchivePath: null, runArchivePrefix: 'archive' });
  });

  it('archives runs in no directory that nobody has named', () => {
    expect(problemsOf({ RUN_ARCHIVE: 'fs' })).toEqual([
      expect.stringMatching(/^RUN_ARCHIVE_PATH must be set where RUN_ARCHIVE is fs/),
    ]);
    expect(problemsOf({ RUN_ARCHIVE: 'fs', RUN_ARCHIVE_PATH: '/archive' })).toEqual([]);
  });

  it('archives runs in no place of payloads', () => {
    const s3 = { S3_URL: 'http://minio:9000', S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'key', RUN_ARCHIVE: 's3' };
    const inBucket = (RUN_ARCHIVE_PREFIX: string, more: Environment = {}): string[] =>
      problemsOf({ ...s3, BLOB_STORE: 's3', RUN_ARCHIVE_PREFIX, ...more });
    const refusedPrefix = [expect.stringMatching(/^RUN_ARCHIVE_PREFIX must be neither S3_PREFIX nor within it or around it/)];
    for (const prefix of ['blobs', 'blobs/archive']) expect(inBucket(prefix)).toEqual(refusedPrefix);
    expect(inBucket('kept', { S3_PREFIX: 'kept/blobs' })).toEqual(refusedPrefix);
    expect(inBucket('blobs', { RUN_ARCHIVE_BUCKET: 'baton' })).toEqual(refusedPrefix);
    for (const prefix of ['archive', 'blobs2', '..b']) expect(inBucket(prefix)).toEqual([]);
    expect(inBucket('blobs', { RUN_ARCHIVE_BUCKET: 'another' })).toEqual([]);
    expect(inBucket('blobs', { BLOB_STORE: 'sql' })).toEqual([]);

    const inDirectory = (RUN_ARCHIVE_PATH: string, more: Environment = {}): string[] =>
      problemsOf({ RUN_ARCHIVE: 'fs', BLOB_STORE: 'fs', DATA_DIR: '/d', RUN_ARCHIVE_PATH, ...more });
    const refusedPath = [expect.stringMatching(/^RUN_ARCHIVE_PATH must be neither BLOB_PATH nor within it or around it/)];
    for (const path of ['/d/blobs', '/d/blobs/', '/d/blobs/archive', '/d', '/', '/d/x/../blobs'])
      expect(inDirectory(path)).toEqual(refusedPath);
    expect(inDirectory('kept', { BLOB_PATH: './kept/blobs' })).toEqual(refusedPath);
    for (const path of ['/d/archive', '/d/blobs2', '/d/..blobs']) expect(inDirectory(path)).toEqual([]);
    expect(inDirectory('/d/blobs', { BLOB_STORE: 'sql' })).toEqual([]);
  });

  it('gives away no variable that is not named as a secret of calls', () => {
    const source = (more: object): string => JSON.stringify({ key: { hosts: ['api.example'], ...more } });
    const config = loadConfig('standalone', { HTTP_SECRETS: source({ env: 'KEY' }), KEY: 'value', OTHER: 'hidden' });
    expect([config.readHttpSecret('KEY'), config.readHttpSecret('OTHER')]).toEqual(['value', null]);
    expect(JSON.stringify([config, [...config.httpSecrets]])).not.toContain('value');
    expect(problemsOf({ HTTP_SECRETS: source({ env: 'KEY' }) })[0]).toContain('a variable that is not set');
    for (const wrong of [{}, { env: 'a', file: 'b' }, { file: 'b', hosts: [] }, { value: TOKEN }]) {
      const [problem, ...others] = problemsOf({ HTTP_SECRETS: source(wrong), a: 'a' });
      expect([problem?.split(' ')[0], others]).toEqual(['HTTP_SECRETS', []]);
      expect(problem).not.toContain(TOKEN);
    }
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(loadConfig('standalone', {}))).toBe(true);
  });
});

describe('fault points', () => {
  it('are off unless they are named', () => {
    expect(loadConfig('standalone', {}).faultPoints).toEqual([]);
    const { faultPoints } = loadConfig('standalone', { FAULT_POINTS: 'submit.afterCommit:3, wake.afterRaise:1:stop' });
    expect(faultPoints).toEqual([
      { point: 'submit.afterCommit', pass: 3, fault: 'kill' },
      { point: 'wake.afterRaise', pass: 1, fault: 'stop' },
    ]);
  });

  it('are refused where there are none of the name, or no pass', () => {
    for (const FAULT_POINTS of [
      'submit.never:1',
      'submit.afterCommit',
      'submit.afterCommit:0',
      'submit.afterCommit:1:2',
      'submit.afterCommit:1:stop:stop',
    ]) {
      expect(problemsOf({ FAULT_POINTS })).toHaveLength(1);
    }
  });
});
