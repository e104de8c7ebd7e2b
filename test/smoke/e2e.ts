// `npm run smoke:e2e [-- --mock | --live | --url URL]`: a task about a document that was just ingested is run, and the answer has what only that
// document says. `--url` (or BATON_URL) asks a running server, with BATON_TOKEN if set; else one is started, `--mock` on the mock of the OpenAI
// API, `--live` on the real one, for which it needs OPENAI_API_KEY. Without any of these: live where that key is set, else mock. The exit code
// is 0 if all is right, 1 if not, 2 if it could not be tried.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { check } from '../support/check.js';
import { inventFact, tellAndAsk } from '../support/invented-fact.js';
import { startOpenAiMock } from '../support/openai-mock/mock-server.js';
import { startBaton } from '../support/processes.js';

/** A live model takes its time for three agents. */
const BOUND_MS = 180_000;
const MOCK_KEY = 'sk-of-the-smoke-test';

async function smoke(url: string, headers: Record<string, string> = {}): Promise<void> {
  const fact = inventFact();
  const told = await tellAndAsk(url, fact, headers, BOUND_MS);
  check(`ingested ${told.ingested} document`, told.ingested === 1);
  check(`the task's stream: ${told.events.at(0)} … ${told.events.at(-1)}`, told.events.at(-1) === 'run.completed');
  check(`the run is ${told.status}`, told.status === 'completed');
  check(`the answer has what only the document says (${fact.word}): ${told.answer}`, told.answer.includes(fact.word));
  check(
    'the answer cites the passage',
    told.cited.some((text) => text.includes(fact.passage)),
  );
}

/** Runs the smoke test on a server of its own. */
async function smokeOwn(models: Record<string, string>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'baton-smoke-'));
  try {
    const baton = await startBaton('standalone', { DATA_DIR: dir, ...models });
    try {
      await smoke(baton.url);
    } finally {
      check('SIGTERM ends the server with 0', (await baton.terminate()) === 0);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function smokeMock(): Promise<void> {
  const mock = await startOpenAiMock({ apiKey: MOCK_KEY });
  try {
    console.log(`Baton on the mock of the OpenAI API at ${mock.url}`);
    await smokeOwn({ OPENAI_BASE_URL: mock.url, OPENAI_API_KEY: MOCK_KEY });
    const { by_path: calls, failed } = mock.calls();
    const [chats = 0, embeddings = 0] = [calls['/chat/completions'], calls['/embeddings']];
    check(
      `the mock was asked for ${chats} completions and ${embeddings} embeddings`,
      chats > 0 && embeddings > 0 && failed === 0,
    );
  } finally {
    await mock.close();
  }
}

async function smokeLive(): Promise<void> {
  const isOfModels = ([name]: [string, string | undefined]): boolean => /^(OPENAI|MODEL|EMBEDDING)_/.test(name);
  const models = Object.fromEntries(Object.entries(process.env).filter(isOfModels)) as Record<string, string>;
  console.log(`Baton on ${models['OPENAI_BASE_URL'] ?? 'the OpenAI API'}`);
  await smokeOwn(models);
}

async function smokeRunning(url: string): Promise<void> {
  const token = process.env['BATON_TOKEN'];
  console.log(`Baton at ${url}`);
  await smoke(url.replace(/\/$/, ''), token ? { authorization: `Bearer ${token}` } : {});
}

/** What the arguments and the environment ask for. */
function choose(): () => Promise<void> {
  const { values } = parseArgs({ options: { mock: { type: 'boolean' }, live: { type: 'boolean' }, url: { type: 'string' } } });
  if (Object.keys(values).length > 1) throw new Error('Choose one of --mock, --live and --url.');
  const url = values.url ?? (values.mock || values.live ? undefined : process.env['BATON_URL']);
  if (url) return () => smokeRunning(url);
  const hasKey = Boolean(process.env['OPENAI_API_KEY']);
  if (values.live && !hasKey) throw new Error('--live needs OPENAI_API_KEY in the environment, and it is not set.');
  return hasKey && !values.mock ? smokeLive : smokeMock;
}

/** The error with what caused it: of a server that does not answer, fetch says so only there. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${describe(error.cause)}`;
}

const NOT_TRIED = 2;

let run: (() => Promise<void>) | null = null;
try {
  run = choose();
  await run();
  console.log(process.exitCode === 1 ? 'FAIL' : 'PASS: the answer comes from the document');
} catch (error) {
  console.error(describe(error));
  process.exitCode = run === null ? NOT_TRIED : 1;
}
