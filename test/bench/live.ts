// `npm run bench -- --workload w8`: how soon a status is answered, and events reach a hundred clients, while W1 has the machine.
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { quantile } from './bench-client.js';
import { getRequest, HttpLane, postRequest } from './http-lane.js';
import { describeMachine, machineLine } from './machine.js';
import { Stage } from './stage.js';
import { SYSTEMS, SYSTEMS_OVER_HTTP, type BenchSystem } from './systems/index.js';
import { definitionOf } from './systems/workflow-of.js';

const LOAD = { runs: 5_000, steps: 1, inFlight: 200 };
const WATCHED_RUNS = 10;
const CLIENTS_PER_RUN = 10;
const STEPS = 100;
/** Submitted, claimed, ended; started and completed for each step. */
const EVENTS = 3 + 2 * STEPS;
/** Between two questions of the one who asks for statuses. */
const PAUSE_MS = 5;

/** The events that one client has seen. */
class Watcher {
  readonly seqs: number[] = [];
  readonly lagsMs: number[] = [];
  private text = '';

  private constructor(readonly ended: Promise<unknown>) {}

  static async open(url: string): Promise<Watcher> {
    const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
    const watcher = new Watcher(once(response, 'close'));
    response.setEncoding('utf8').on('data', (chunk: string) => watcher.take(chunk));
    return watcher;
  }

  private take(chunk: string): void {
    const now = Date.now();
    const frames = (this.text + chunk).split('\n\n');
    this.text = frames.pop()!;
    for (const frame of frames) {
      const data = /^data: (.*)$/m.exec(frame)?.[1];
      if (data === undefined) continue;
      const { seq, at } = JSON.parse(data) as { seq: number; at: string };
      this.seqs.push(seq);
      this.lagsMs.push(now - Date.parse(at));
    }
  }

  /** Whether it has seen each event once, in order. */
  get isWhole(): boolean {
    return this.seqs.length === EVENTS && this.seqs.every((seq, index) => seq === index + 1);
  }
}

/** W1 as always, and an API process beside it. */
function withApi(): BenchSystem {
  const baton = SYSTEMS.mariadb.find(({ name }) => name === 'baton')!;
  const { api } = SYSTEMS_OVER_HTTP.mariadb.find(({ name }) => name === 'baton')!;
  return { ...baton, api: api! };
}

async function send(lane: HttpLane, request: Buffer, expected: number): Promise<string> {
  const { status, body } = await lane.send(request);
  if (status !== expected) throw new Error(`${status} ${body}`);
  return body;
}

async function measure(stage: Stage) {
  const url = stage.apiUrls[0]!;
  const lane = await HttpLane.open(url);
  await stage.drive(LOAD);
  await send(lane, postRequest(url, '/api/v1/workflows', definitionOf('watched', STEPS, 'chain')), 201);
  const over = new AbortController();
  const load = stage.measure(LOAD).finally(() => over.abort());
  const runIds: string[] = [];
  const watchers: Watcher[] = [];
  for (let run = 0; run < WATCHED_RUNS; run += 1) {
    const body = await send(lane, postRequest(url, '/api/v1/runs', { workflow: 'watched', input: {} }), 202);
    const { run_id: runId } = JSON.parse(body) as { run_id: string };
    runIds.push(runId);
    const opened = Array.from({ length: CLIENTS_PER_RUN }, () => Watcher.open(`${url}/api/v1/runs/${runId}/events`));
    watchers.push(...(await Promise.all(opened)));
  }
  const statusMs: number[] = [];
  for (let asked = 0; !over.signal.aborted; asked += 1) {
    const startedAt = performance.now();
    await send(lane, getRequest(url, `/api/v1/runs/${runIds[asked % WATCHED_RUNS]}`), 200);
    statusMs.push(performance.now() - startedAt);
    await pause(PAUSE_MS);
  }
  const { result } = await load;
  await Promise.all(watchers.map(({ ended }) => ended));
  lane.close();
  return { statusMs, watchers, runsPerSecond: LOAD.runs / (result.elapsedMs / 1_000) };
}

async function measureOnce() {
  const stage = await Stage.open(withApi());
  try {
    return await measure(stage);
  } finally {
    await stage.close();
  }
}

const machine = describeMachine();
const { statusMs, watchers, runsPerSecond } = await measureOnce();
statusMs.sort((a, b) => a - b);
const lags = watchers.flatMap(({ lagsMs }) => lagsMs).toSorted((a, b) => a - b);
const row = (what: string, value: number, digits = 1): string =>
  `| ${what} | ${value.toLocaleString('en', { maximumFractionDigits: digits })} |`;
process.stdout.write(
  [
    machineLine(machine),
    '',
    '| while W1 runs | |',
    '| --- | --: |',
    row('W1, runs/s', runsPerSecond, 0),
    row('statuses asked for', statusMs.length),
    row('status p50, ms', quantile(statusMs, 0.5)),
    row('status p95, ms', quantile(statusMs, 0.95)),
    row('clients', watchers.length),
    row('events delivered', lags.length),
    row('clients that missed an event, or saw one twice', watchers.filter(({ isWhole }) => !isWhole).length),
    row('lag from the worker to the client p50, ms', quantile(lags, 0.5)),
    row('lag p99, ms', quantile(lags, 0.99)),
    '',
  ].join('\n'),
);
