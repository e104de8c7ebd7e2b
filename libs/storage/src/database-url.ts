import { BatonError } from '@baton/core';

/** Where the database is, as its URL says. */
export type DatabaseTarget =
  | { dialect: 'sqlite'; file: string }
  | { dialect: 'mysql'; host: string; port: number; user: string; password: string; database: string };

/**
 * Reads `mysql://user:password@host:port/database`, `mariadb://…`, `sqlite:./data/baton.sqlite` or `sqlite::memory:`.
 *
 * @throws BatonError `config_invalid` for anything else. The message never contains the URL: it may hold a password.
 */
export function parseDatabaseUrl(url: string): DatabaseTarget {
  if (url.startsWith('sqlite:')) return { dialect: 'sqlite', file: sqliteFile(url) };
  if (!URL.canParse(url)) throw invalid('is not a URL');
  const parsed = new URL(url);
  if (parsed.protocol !== 'mysql:' && parsed.protocol !== 'mariadb:') {
    throw invalid('does not begin with mysql://, mariadb:// or sqlite:');
  }
  const database = decodeURIComponent(parsed.pathname.slice(1));
  if (parsed.hostname === '' || database === '') throw invalid('names no host or no database');
  return {
    dialect: 'mysql',
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? 3306 : Number(parsed.port),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database,
  };
}

function sqliteFile(url: string): string {
  const file = url.slice('sqlite:'.length).replace(/^\/\//, '');
  if (file === '') throw invalid('names no file');
  return file;
}

function invalid(what: string): BatonError {
  return new BatonError('config_invalid', `The database URL ${what}.`);
}
