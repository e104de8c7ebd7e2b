import { describe, expect, test } from '@jest/globals';
import { BatonError, LOG_LEVELS, type LogSubject } from '@baton/core';
import {
  MemoryDatabase,
  MemoryRunLogStore,
  refuse,
  rememberingObserver,
  VirtualClock,
} from '../../../test/support/in-memory/index.js';
import { RunLogWriter, type RunLogWriterOptions } from './run-log-writer.js';

const AWAY = new BatonError('storage_unavailable', 'away', {});

function open(options: Partial<RunLogWriterOptions> = {}, hidden: readonly string[] = []) {
  const clock = new VirtualClock();
  const store = new MemoryRunLogStore(new MemoryDatabase(clock));
  const observer = rememberingObserver();
  const readSecrets = async () => (text: string) => hidden.reduce((clean, one) => clean.replaceAll(one, '[secret]'), text);
  const bounds = { lines: 100, bytes: 10_000 };
  const writer = new RunLogWriter(
    { store, clock, observer, readSecrets },
    { level: 'debug', flushMs: 500, attempt: bounds, run: bounds, waitingBytes: 1_000_000, ...options },
  );
  const log = (change: Partial<LogSubject> = {}) =>
    writer.open({ runId: 'r', tenantId: 'default', nodeId: 'n', visit: 1, attempt: 1, ...change });
  const kept = async (runId = 'r') => await store.read({ tenantId: 'default', runId, after: 0, limit: 10_000 });
  const messages = async (runId = 'r') => (await kept(runId)).map(({ message }) => message);
  return { clock, store, observer, writer, log, kept, messages };
}

function countsOf({ told }: ReturnType<typeof rememberingObserver>) {
  return told.filter(({ name }) => name === 'logsWritten').map(({ detail }) => detail);
}

describe('who logs nothing', () => {
  test('asks nothing of the database, and waits for nothing', async () => {
    const { clock, store, writer, log } = open();
    log().end();
    await clock.advance(10_000);
    await writer.close();
    expect(store.calls.log).toEqual([]);
  });

  test('is also who says less than is to be kept', async () => {
    const { store, writer, log, messages } = open({ level: 'warn' });
    const some = log();
    some.debug('d');
    some.info('i');
    some.warn('w');
    some.error('e');
    await writer.close();
    expect(await messages()).toEqual(['w', 'e']);
    const off = open({ level: 'off' });
    for (const level of LOG_LEVELS) off.log()[level]('nothing');
    await off.writer.close();
    expect(off.store.calls.log).toEqual([]);
    expect(store.calls.requests('append')).toHaveLength(1);
  });
});

describe('lines', () => {
  test('of all runs wait for one write', async () => {
    const { clock, store, log, kept } = open();
    const at = clock.now();
    log().info('one', { hits: 3 });
    log({ runId: 'q', nodeId: 'm', visit: 2, attempt: 3 }).warn('two');
    await clock.advance(100);
    log().debug('three');
    expect(store.calls.log).toEqual([]);
    await clock.advance(500);
    expect(store.calls.log.map(({ operation }) => operation)).toEqual(['sizes', 'append']);
    expect(await kept()).toMatchObject([
      { runId: 'r', nodeId: 'n', visit: 1, attempt: 1, level: 'info', message: 'one', fields: { hits: 3 }, at },
      { message: 'three', fields: null, at: at + 100 },
    ]);
    expect(await kept('q')).toMatchObject([{ nodeId: 'm', visit: 2, attempt: 3, level: 'warn' }]);
    log().info('four');
    await clock.advance(500);
    // What is known of a run is not asked again.
    expect(store.calls.requests('sizes')).toEqual([['r', 'q']]);
  });

  test('are written before their time where there are many', async () => {
    const { store, log, clock } = open({ attempt: { lines: 1_000, bytes: 100_000 } });
    const some = log();
    for (let count = 0; count < 500; count += 1) some.info(`line ${count}`);
    await clock.until(() => store.calls.requests('append').length === 1, 'a write', 10);
  });

  test('are said in any form, and never throw', async () => {
    const { writer, log, kept } = open();
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const some = log();
    some.info('cycle', cycle);
    some.info('odd', { big: 7n, none: undefined, when: new Date(0), why: new BatonError('timeout', 'too late', {}) });
    some.info({ not: 'text' } as unknown as string);
    some.info('x'.repeat(50_000), { text: 'y'.repeat(50_000) });
    await writer.close();
    const [first, second, third, fourth] = await kept();
    expect(first!.fields).toEqual({ unreadable: expect.stringContaining('circular') });
    expect(second!.fields).toEqual({ big: '7', when: '1970-01-01T00:00:00.000Z', why: { code: 'timeout', message: 'too late' } });
    expect(third!.message).toContain('not');
    expect([fourth!.message.length, (fourth!.fields!['cut'] as string).length]).toEqual([2_000, 4_000]);
    expect(fourth!.message.endsWith('x…')).toBe(true);
  });

  test('hide what names a secret, and secrets that are known, also where a cut would leave a part of one', async () => {
    const { writer, log, kept } = open({}, ['hunter2-hunter2', '12345']);
    const some = log();
    some.info('with hunter2-hunter2 in it', { Password: 'p', deep: { token: 't', list: ['hunter2-hunter2'] } });
    some.info(`${'x'.repeat(1_990)}hunter2-hunter2`);
    some.info('a number', { pin: 12345 });
    await writer.close();
    const lines = await kept();
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|12345|"p"|"t"/);
    expect(lines[0]).toMatchObject({
      message: 'with [secret] in it',
      fields: { Password: '[redacted]', deep: { token: '[redacted]', list: ['[secret]'] } },
    });
    expect(lines[2]!.fields).toEqual({ text: '{"pin":[secret]}' });
  });

  test('of an attempt that has ended are not heard', async () => {
    const { writer, log, messages } = open();
    const some = log();
    some.info('before');
    some.end();
    some.end();
    some.info('after');
    await writer.close();
    expect(await messages()).toEqual(['before']);
  });
});

describe('bounds', () => {
  test('of an attempt: the rest is dropped, and counted', async () => {
    const { writer, log, kept, observer } = open({ attempt: { lines: 3, bytes: 10_000 } });
    const some = log();
    for (let count = 0; count < 10; count += 1) some.info(`line ${count}`);
    some.end();
    const other = log({ attempt: 2 });
    other.info('x'.repeat(100));
    other.end();
    await writer.close();
    expect(await kept()).toMatchObject([
      ...[{ message: 'line 0' }, { message: 'line 1' }, { message: 'line 2' }],
      {
        level: 'warn',
        attempt: 1,
        message: '7 lines of this attempt were not kept',
        fields: { dropped: 7, reason: 'attempt_limit' },
      },
      { attempt: 2 },
    ]);
    expect(countsOf(observer)).toEqual([{ kept: 5, dropped: 7 }]);
  });

  test('of an attempt in bytes', async () => {
    const { writer, log, kept } = open({ attempt: { lines: 100, bytes: 150 } });
    const some = log();
    for (let count = 0; count < 4; count += 1) some.info('x'.repeat(100));
    some.end();
    await writer.close();
    expect((await kept()).map(({ fields }) => fields)).toEqual([null, null, { dropped: 2, reason: 'attempt_limit' }]);
  });

  test('of a run: what other workers have written counts', async () => {
    const run = { lines: 20, bytes: 100_000 };
    const { writer, log, kept, store } = open({ run });
    const bytes = 5;
    const line = {
      runId: 'r',
      tenantId: 'default',
      nodeId: 'n',
      visit: 1,
      attempt: 1,
      level: 'info',
      at: 1,
      fields: null,
    } as const;
    await store.append(Array.from({ length: 18 }, () => ({ ...line, message: 'other', bytes })));
    const some = log({ attempt: 2 });
    for (let count = 0; count < 5; count += 1) some.info(`mine ${count}`);
    some.end();
    await writer.close();
    const lines = (await kept()).slice(18);
    expect(lines.map(({ message }) => message)).toEqual(['mine 0', 'mine 1', '3 lines of this attempt were not kept']);
    expect(lines.at(-1)!.fields).toEqual({ dropped: 3, reason: 'run_limit' });
  });

  test('of a run, for ever: notices too come to an end', async () => {
    const { writer, log, kept } = open({ run: { lines: 20, bytes: 100_000 } });
    for (let attempt = 1; attempt <= 100; attempt += 1) {
      const one = log({ attempt });
      one.info('x');
      one.end();
    }
    await writer.close();
    expect(await kept()).toHaveLength(22);
  });

  test('of what waits: the worker keeps no more in memory', async () => {
    const { writer, log, kept, store } = open({ waitingBytes: 650 });
    const release = store.calls.hold('append');
    const some = log();
    for (let count = 0; count < 5; count += 1) some.info('x'.repeat(100));
    some.end();
    const closed = writer.close();
    release();
    await closed;
    expect((await kept()).map(({ fields }) => fields)).toEqual([null, null, { dropped: 3, reason: 'worker_limit' }]);
  });

  test('of what waits: lines without a word take memory too', async () => {
    const { writer, log, kept, clock } = open({ waitingBytes: 1_000 });
    const some = log();
    for (let count = 0; count < 50; count += 1) some.info('');
    await clock.advance(500);
    // What is written makes room.
    some.info('later');
    some.end();
    await writer.close();
    const lines = await kept();
    expect(lines.map(({ message }) => message)).toEqual([
      ...Array.from({ length: 5 }, () => ''),
      'later',
      '45 lines of this attempt were not kept',
    ]);
    expect(lines.at(-1)!.fields).toEqual({ dropped: 45, reason: 'worker_limit' });
  });

  test('of a shutdown: where the database is away, only the first write is waited for', async () => {
    const { writer, log, store, observer } = open({ attempt: { lines: 2_000, bytes: 100_000 } });
    store.calls.next('append', refuse(AWAY));
    const some = log();
    for (let count = 0; count < 1_700; count += 1) some.info(`line ${count}`);
    some.end();
    await writer.close();
    expect(store.calls.requests('append')).toHaveLength(1);
    expect(countsOf(observer)).toEqual([
      { kept: 0, dropped: 500 },
      { kept: 0, dropped: 1_200 },
    ]);
    // And what is said later is not held against what was dropped.
    log({ attempt: 2 }).info('after');
    await writer.close();
    expect(store.calls.requests('append')).toHaveLength(2);
  });

  test('of patience: a database that is away costs the lines, and nothing else', async () => {
    const { clock, writer, log, kept, store, observer } = open();
    store.calls.next('append', refuse(AWAY));
    const some = log();
    some.info('lost');
    await clock.advance(500);
    some.info('kept');
    some.end();
    await writer.close();
    expect((await kept()).map(({ message }) => message)).toEqual(['kept', '1 line of this attempt was not kept']);
    expect(observer.told).toContainEqual({ name: 'trouble', detail: { what: 'run log', error: AWAY } });
    expect(countsOf(observer)).toEqual([
      { kept: 0, dropped: 1 },
      { kept: 2, dropped: 0 },
    ]);
    // What was not kept does not count against the run: it is asked again.
    expect(store.calls.requests('sizes')).toEqual([['r'], ['r']]);
  });
});
