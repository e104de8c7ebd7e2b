// `npm run compose:smoke [-- --url URL --prometheus URL]`: looks at a deployment of separate processes, as docker-compose.yml makes it, from
// outside: it is ready, refuses strangers, answers from a document, and counts. The token is BATON_TOKEN, else the operator's in ./secrets.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { check } from '../support/check.js';
import { call, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { inventFact, tellAndAsk } from '../support/invented-fact.js';

const READY_BOUND_MS = 120_000;
const RUN_BOUND_MS = 60_000;
/** Prometheus looks up its targets, and scrapes them, every ten seconds. */
const SCRAPE_BOUND_MS = 60_000;

interface Target {
  labels: { job: string };
  health: string;
}

/** What `/ready` says once it is 200. */
async function waitUntilReady(url: string): Promise<string> {
  const ask = async (): Promise<string | null> => {
    const reply = await call(url, 'GET', '/ready').catch(() => null);
    return reply?.status === 200 ? textOf(reply.body, 'status') : null;
  };
  return await eventually(ask, `${url}/ready is answered 200`, READY_BOUND_MS);
}

async function readCounter(url: string, headers: Record<string, string>, name: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`, { headers })).text();
  return Number(new RegExp(`^baton_${name} (\\d+)`, 'm').exec(page)?.[1] ?? Number.NaN);
}

async function checkAnswer(url: string, headers: Record<string, string>): Promise<void> {
  const before = await readCounter(url, headers, 'tasks_enqueued_total');
  const fact = inventFact();
  const told = await tellAndAsk(url, fact, headers, RUN_BOUND_MS);
  check(`the task's stream: ${told.events.at(0)} … ${told.events.at(-1)}`, told.events.at(-1) === 'run.completed');
  check(`the answer has what only the document says (${fact.word}): ${told.answer}`, told.answer.includes(fact.word));
  check(
    'the answer cites the passage',
    told.cited.some((text) => text.includes(fact.passage)),
  );
  const after = await readCounter(url, headers, 'tasks_enqueued_total');
  check(`the API counted its runs: ${before}, then ${after}`, after >= before + 1);
}

async function checkHealth(url: string, headers: Record<string, string>): Promise<void> {
  const { status, body } = await call(url, 'GET', '/health/deep', undefined, headers);
  check(`every part works: ${Object.keys(body['parts'] ?? {}).join(', ')}`, status === 200);
  const workers = await call(url, 'GET', '/api/v1/workers', undefined, headers);
  const live = (workers.body['items'] as { live: boolean }[]).filter((worker) => worker.live);
  check(`live workers: ${live.length}`, live.length > 0);
}

/** Every target of both jobs is up. */
async function checkPrometheus(prometheus: string): Promise<void> {
  const readTargets = async (): Promise<Target[]> => {
    const { body } = await call(prometheus, 'GET', '/api/v1/targets?state=active');
    return (body['data'] as unknown as { activeTargets: Target[] }).activeTargets;
  };
  const allUp = async (): Promise<Target[] | null> => {
    const targets = await readTargets();
    const jobs = new Set(targets.map(({ labels }) => labels.job));
    return jobs.size === 2 && targets.every(({ health }) => health === 'up') ? targets : null;
  };
  const { length } = await eventually(allUp, 'Prometheus has every target up', SCRAPE_BOUND_MS);
  check(`targets of Prometheus, all up: ${length}`, length > 1);
}

const { values } = parseArgs({
  options: { url: { type: 'string', default: 'http://127.0.0.1:8001' }, prometheus: { type: 'string' } },
});
const { url } = values;
const token = process.env['BATON_TOKEN'] ?? readFileSync('secrets/api_token_operator', 'utf8');
const headers = { authorization: `Bearer ${token}` };

console.log(`Baton at ${url}`);
const readiness = await waitUntilReady(url);
check(`ready: ${readiness}`, readiness === 'ok');
check('refuses who has no token', (await call(url, 'GET', '/api/tasks')).status === 401);
await checkAnswer(url, headers);
await checkHealth(url, headers);
if (values.prometheus !== undefined) await checkPrometheus(values.prometheus);
console.log(process.exitCode === 1 ? 'FAIL' : 'PASS');
