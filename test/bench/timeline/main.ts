// `npm run bench -- --workload timeline`: the phases of runs of which one at a time is in flight, from what passes through the sockets of client and worker.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { spawnBound } from '../../support/services.js';
import { describeMachine, machineLine } from '../machine.js';
import { Stage } from '../stage.js';
import { SYSTEMS } from '../systems/index.js';
import { phasesOf, type Phase } from './phases.js';

const PROBE = new URL('./socket-probe.js', import.meta.url).href;
const USAGE = 'npm run bench -- --workload timeline [--steps 1] [--runs 300] [--system baton|floor] [--awake]';

const { values } = parseArgs({
  options: {
    workload: { type: 'string' },
    steps: { type: 'string', default: '1' },
    runs: { type: 'string', default: '300' },
    system: { type: 'string', default: 'baton' },
    awake: { type: 'boolean', default: false },
  },
});
const drive = { runs: Number(values.runs), steps: Number(values.steps), inFlight: 1 };
const system = SYSTEMS.mariadb.find(({ name }) => name === values.system);
if (system === undefined || !(drive.runs > 0) || !(drive.steps > 0)) throw new Error(USAGE);

/** Idle work of the lowest priority on each core, so that none sleeps between two phases. */
function stayAwake(): () => void {
  const idlers = Array.from({ length: availableParallelism() }, () =>
    spawnBound('nice', ['-n', '19', process.execPath, '-e', 'for (;;);']),
  );
  return () => idlers.forEach((idler) => idler.kill('SIGKILL'));
}

function row({ where, what, ms, times }: Phase): string {
  return `| ${where} | ${what}${times > 1 ? ` (${times})` : ''} | ${ms.median.toFixed(3)} | ${ms.best.toFixed(3)} |`;
}

function sumOf(phases: readonly Phase[], where?: Phase['where']): string {
  const some = phases.filter((phase) => where === undefined || phase.where === where);
  const sum = (of: 'median' | 'best'): string => some.reduce((total, { ms }) => total + ms[of], 0).toFixed(2);
  return `| **${where ?? 'all'}** | | ${sum('median')} | ${sum('best')} |`;
}

const machine = describeMachine();
const rest = values.awake ? stayAwake() : () => undefined;
const stage = await Stage.open(system, { preload: PROBE });
try {
  await stage.drive(drive);
  await stage.timeline();
  const { p50Ms } = await stage.drive(drive);
  const phases = phasesOf(await stage.timeline());
  const lines = [
    `${machineLine(machine)}${values.awake ? ' No core sleeps.' : ''}`,
    '',
    `${system.title}, ${drive.steps} steps, one run in flight: p50 ${p50Ms.toFixed(2)} ms`,
    ...(phases.length === 0 ? [] : ['', '| where | what | median, ms | best tenth, ms |', '| --- | --- | --: | --: |']),
    ...phases.map(row),
    ...(phases.length === 0
      ? []
      : [...(['client', 'worker', 'SQL', 'Redis'] as const).map((where) => sumOf(phases, where)), sumOf(phases)]),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
} finally {
  await stage.close();
  rest();
}
