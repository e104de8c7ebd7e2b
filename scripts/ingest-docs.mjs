// `npm run ingest:docs [URL]`: takes Baton's own documentation in, so that there is something to ask about.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const docs = join(dirname(import.meta.dirname), 'docs');
const url = process.argv[2] ?? process.env.BATON_URL ?? `http://127.0.0.1:${process.env.PORT ?? 8001}`;
const token = process.env.BATON_TOKEN;

const documents = readdirSync(docs)
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ source: `docs/${file}`, media_type: 'text/markdown', text: readFileSync(join(docs, file), 'utf8') }));
try {
  const response = await fetch(`${url}/api/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ documents }),
  });
  console.log(await response.text());
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.error(
    `No Baton answers at ${url}: start it with \`npm start\`. (${error instanceof Error ? error.message : String(error)})`,
  );
  process.exitCode = 1;
}
