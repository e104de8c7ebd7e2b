// `npm run bench -- --workload w5`: the worker is killed with SIGKILL in the middle of W2 and another started at once; how long until all is done.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from './machine.js';
import { Stage } from './stage.js';
import { spread } from './summary.js';
import { SYSTEMS, type BenchSystem } from './systems/index.js';

const DRIVE = { runs: 500, steps: 10, inFlight: 200 };
const LOOK_MS = 20;
const ENDED = "SELECT COUNT(*) AS ended FROM runs WHERE status = 'completed'";

interface Reading {
  /** From the start of the second worker to the client's knowledge that all is done. */
  seconds: number;
  /** Steps whose effect happened more than once, where effects are counted. */
  twice: number;
}

/** Counts by idempotency key how often each step had its effect. */
class EffectSink {
  readonly effects = new Map<string, number>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<EffectSink> {
    const server = createServer();
    const sink = new EffectSink(server);
    server.on('request', (request, response) => {
      const key = request.headers['idempotency-key'] as string;
      sink.effects.set(key, (sink.effects.get(key) ?? 0) + 1);
      request.resume().on('end', () => response.writeHead(204).end());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get twice(): number {
    return [...this.effects.values()].filter((times) => times > 1).length;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function crash(shape: 'chain' | 'effects', sink: EffectSink): Promise<Reading> {
  sink.effects.clear();
  const stage = await Stage.open(withSink(sink.url));
  try {
    await stage.drive({ ...DRIVE, shape });
    const driven = stage.drive({ ...DRIVE, shape });
    const half = DRIVE.runs * 1.5;
    while ((await stage.read(ENDED))['ended']! < half) await pause(LOOK_MS);
    await stage.killWorker();
    const restartedAt = performance.now();
    stage.startWorker();
    await driven;
    return { seconds: (performance.now() - restartedAt) / 1_000, twice: sink.twice };
  } finally {
    await stage.close();
  }
}

function withSink(url: string): BenchSystem {
  const baton = SYSTEMS.mariadb.find(({ name }) => name === 'baton')!;
  const worker: BenchSystem['worker'] = (address) => {
    const launch = baton.worker!(address);
    return { ...launch, environment: { ...launch.environment, EFFECT_SINK_URL: url } };
  };
  return { ...baton, worker };
}

const { values } = parseArgs({ options: { workload: { type: 'string' }, rounds: { type: 'string', default: '3' } } });
const machine = describeMachine();
const sink = await EffectSink.start();
const readings = { chain: [] as Reading[], effects: [] as Reading[] };
for (let round = 1; round <= Number(values.rounds); round += 1) {
  for (const shape of ['chain', 'effects'] as const) {
    const reading = await crash(shape, sink);
    readings[shape].push(reading);
    process.stderr.write(`round ${round}  ${shape}: ${reading.seconds.toFixed(2)} s, ${reading.twice} twice\n`);
  }
}
sink.close();
const show = (figures: readonly number[]): string => {
  const { median, min, max } = spread(figures);
  return `${median.toFixed(2)} (${min.toFixed(2)}..${max.toFixed(2)})`;
};
const seconds = (some: readonly Reading[]): string => show(some.map((reading) => reading.seconds));
process.stdout.write(
  [
    machineLine(machine),
    '',
    '| steps | all done after the restart, s | steps done twice |',
    '| --- | --: | --: |',
    `| trivial | ${seconds(readings.chain)} | |`,
    `| each a POST to a sink | ${seconds(readings.effects)} | ${readings.effects.map(({ twice }) => twice).join(', ')} |`,
    '',
  ].join('\n'),
);
