import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import type { Service } from './services.js';

/** An empty database of a private MariaDB; returns its URL. */
export async function createDatabase({ url }: Service, name = `baton_${randomBytes(4).toString('hex')}`): Promise<string> {
  const connection = await createConnection(url);
  await connection.query(`CREATE DATABASE \`${name}\``);
  await connection.end();
  return `${url}/${name}`;
}
