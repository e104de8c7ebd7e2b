// `npm run compose:secrets`: makes the passwords and tokens that docker-compose.yml mounts. What is there already stays.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const dir = join(dirname(import.meta.dirname), 'secrets');
mkdirSync(dir, { recursive: true, mode: 0o700 });

/**
 * Readable by everybody behind the folder that is not: each container's own user reads its files.
 *
 * @param {string} name
 * @param {string} [value]
 */
function keep(name, value = randomBytes(24).toString('hex')) {
  const file = join(dir, name);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  writeFileSync(file, value, { mode: 0o644 });
  console.log(`made secrets/${name}`);
  return value;
}

const sqlPassword = keep('sql_password');
const redisPassword = keep('redis_password');
keep('sql_root_password');
keep('qdrant_api_key');
for (const role of ['viewer', 'operator', 'admin']) keep(`api_token_${role}`);
keep('database_url', `mysql://baton:${sqlPassword}@sql:3306/baton`);
keep('redis_url', `redis://:${redisPassword}@redis:6379`);
