import { describeMachine } from './machine.js';
import { readOptions, USAGE, type BenchOptions } from './options.js';
import { renderMarkdown } from './render.js';
import { Stage } from './stage.js';
import { summarizeWorkload, type BenchReport } from './summary.js';
import { SYSTEMS_OVER_HTTP, type BenchSystem, type StoreKind } from './systems/index.js';
import type { Figure, Workload } from './workloads/workload.js';

type Results = Map<Workload, Map<BenchSystem, Figure[]>>;

let stage: Stage | null = null;

async function measure(workload: Workload, system: BenchSystem, store: StoreKind): Promise<Figure> {
  const overHttp = workload.overHttp?.includes(system.name) ?? false;
  const played = overHttp ? SYSTEMS_OVER_HTTP[store].find(({ name }) => name === system.name)! : system;
  stage = await Stage.open(played, { workers: workload.workers ?? 1 });
  try {
    return await workload.measure(stage);
  } finally {
    await stage.close();
    stage = null;
  }
}

/** The systems in turn within each round: what drifts on the machine meets them all. */
async function measureRounds({ workloads, systems, rounds, store }: BenchOptions): Promise<Results> {
  const results: Results = new Map(workloads.map((workload) => [workload, new Map(systems.map((system) => [system, []]))]));
  for (let round = 1; round <= rounds; round++) {
    for (const workload of workloads) {
      for (const system of systems) {
        const figure = await measure(workload, system, store);
        results.get(workload)!.get(system)!.push(figure);
        const shown = figure.value.toPrecision(4);
        process.stderr.write(
          `round ${round}/${rounds}  ${workload.name.padEnd(6)} ${system.name.padEnd(7)} ${shown} ${workload.unit}\n`,
        );
      }
    }
  }
  return results;
}

async function main(options: BenchOptions): Promise<void> {
  const machine = describeMachine();
  const results = await measureRounds(options);
  const report: BenchReport = {
    measuredAt: new Date().toISOString(),
    store: options.store,
    rounds: options.rounds,
    machine,
    workloads: [...results].map(([workload, rounds]) => summarizeWorkload(workload, rounds)),
  };
  process.stdout.write(`${options.format === 'json' ? JSON.stringify(report, null, 2) : renderMarkdown(report)}\n`);
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void (stage?.close() ?? Promise.resolve()).finally(() => process.exit(1)));
}

try {
  const options = readOptions(process.argv.slice(2));
  await main(options).catch(fail);
} catch (error) {
  fail(error);
  process.stderr.write(`${USAGE}\n`);
}
