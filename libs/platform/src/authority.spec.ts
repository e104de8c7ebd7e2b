import { describe, expect, it } from '@jest/globals';
import { isLoopback, readAuthority, readOrigin } from './authority.js';

describe('authority', () => {
  it.each([
    ['localhost:8001', 'localhost', '8001'],
    ['LocalHost:8001', 'localhost', '8001'],
    ['localhost.:8001', 'localhost', '8001'],
    ['baton.example', 'baton.example', null],
    ['[::1]:8001', '::1', '8001'],
    ['[0:0:0:0:0:0:0:1]', '::1', null],
  ])('%s is read', (text, name, port) => {
    expect(readAuthority(text)).toEqual({ name, port });
  });

  it.each([
    ...[
      '',
      ' ',
      ':',
      ':8001',
      'localhost:',
      'localhost:08001',
      'localhost:+1',
      'localhost:123456',
      'localhost:8001:8001',
      '::1',
      '[::1',
    ],
    ...[
      '[1.2.3.4]',
      '[localhost]',
      'user@localhost',
      'localhost/',
      'localhost:8001/',
      'a b',
      'localhost\n',
      'localhost..',
      '.',
      'ł.example',
    ],
  ])('%j is not', (text) => {
    expect(readAuthority(text)).toBeNull();
  });

  it('is not read where there is none', () => {
    expect(readAuthority(undefined)).toBeNull();
  });

  it.each(['null', '', 'file://', 'ftp://localhost', 'http://', 'http://localhost/path', 'https://user@localhost'])(
    'the origin %j is not read',
    (text) => {
      expect(readOrigin(text)).toBeNull();
    },
  );
});

describe('loopback', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.8.8.8', '::1', '[::1]', '0:0:0:0:0:0:0:1'])('%s is', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '127.0.0.1.example.org',
    'localhost.example.org',
    '127.1',
    '2130706433',
    '127.0.0.999',
    '',
  ])('%s is not', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
