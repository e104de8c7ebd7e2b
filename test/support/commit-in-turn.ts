// `commit-in-turn.ts <database URL> <commits>`: submits so many runs, each after the commit of the one before.
import { openDatabase, SqlRunStore } from '@baton/storage';
import { accepted } from './run-requests.js';

const [url, commits] = process.argv.slice(2) as [string, string];
const database = await openDatabase({ url });
await database.migrate();
const runs = new SqlRunStore(database);
for (let commit = 0; commit < Number(commits); commit += 1) await accepted(runs);
await runs.close();
await database.close();
