import { expect, test } from '@jest/globals';
import { parseDatabaseUrl } from './database-url.js';

test.each([
  ['sqlite:./data/baton.sqlite', './data/baton.sqlite'],
  ['sqlite://./data/baton.sqlite', './data/baton.sqlite'],
  ['sqlite:///var/baton.sqlite', '/var/baton.sqlite'],
  ['sqlite:/var/baton.sqlite', '/var/baton.sqlite'],
  ['sqlite::memory:', ':memory:'],
])('%s is the file %s', (url, file) => {
  expect(parseDatabaseUrl(url)).toEqual({ dialect: 'sqlite', file });
});

test('reads all parts of a MySQL URL, and MariaDB’s alike', () => {
  const target = { dialect: 'mysql', host: 'db.local', port: 3307, user: 'b@ton', password: 'p:w/d', database: 'baton' };
  expect(parseDatabaseUrl('mysql://b%40ton:p%3Aw%2Fd@db.local:3307/baton')).toEqual(target);
  expect(parseDatabaseUrl('mariadb://b%40ton:p%3Aw%2Fd@db.local:3307/baton')).toEqual(target);
  expect(parseDatabaseUrl('mysql://root@[::1]/baton')).toEqual({
    ...{ dialect: 'mysql', host: '::1', port: 3306, user: 'root', password: '', database: 'baton' },
  });
});

test.each(['', 'baton', 'sqlite:', 'postgres://root:secret@h/baton', 'mysql://root:secret@h/', 'mysql:///baton'])(
  'refuses %j without repeating it',
  (url) => {
    expect(() => parseDatabaseUrl(url)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    expect(() => parseDatabaseUrl(url)).not.toThrow(/secret/);
  },
);
