import { expect, test } from '@jest/globals';
import { contentStems, splitWords, stem } from './words.js';

test('words are lower case, normalised and without accents; identifiers fall into their parts', () => {
  expect(splitWords('Ｆｕｌｌ Ébène `TASK_LOCK_TTL` wake-at 128')).toEqual([
    'full',
    'ebene',
    'task',
    'lock',
    'ttl',
    'wake',
    'at',
    '128',
  ]);
  expect(splitWords('… !')).toEqual([]);
});

test.each([
  ['run', 'runs', 'running'],
  ['retry', 'retries', 'retried', 'retrying'],
  ['store', 'stores', 'stored', 'storing'],
  ['flush', 'flushes', 'flushed'],
  ['lease', 'leases', 'leased'],
  ['process', 'processes', 'processing'],
  ['query', 'queries'],
])('the forms of `%s` have one stem', (...forms) => {
  expect(new Set(forms.map(stem)).size).toBe(1);
});

test.each(['redis', 'status', 'access', 'api', 'feed', 'sha256', 'größe'])('`%s` is no form of another word', (word) => {
  expect(stem(word)).toBe(word);
});

test('content leaves out what says little', () => {
  expect(contentStems('What happens to the locks of a task?')).toEqual(['lock', 'task']);
});
