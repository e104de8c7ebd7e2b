import type { Overload, Phase } from './measure.js';

export interface Check {
  what: string;
  figure: string;
  passed: boolean;
}

const MIB = 2 ** 20;

/** The lines of the overload table, each with its figure. */
export function checksOf({ phases, maxBacklog, acknowledged, lost, brokenJournals }: Overload): Check[] {
  const alone = phases[0]!;
  const half = phases[1]!;
  const back = phases.at(-1)!;
  const offered = phases.slice(1);
  const worst = (figure: (phase: Phase) => number): number => Math.max(...offered.map(figure));
  const peak = worst(({ goodput }) => goodput);
  const atFive = phases.find(({ name }) => name === '5 x')!.goodput;
  const [p99, meant, improper, lostLinks, givenUp, unsent, backlog, quiet] = [
    worst(({ answerP99 }) => answerP99),
    worst(({ meantP99 }) => meantP99),
    worst((phase) => phase.improper),
    worst((phase) => phase.lost),
    worst((phase) => phase.givenUp),
    worst((phase) => phase.unsent),
    worst(({ backlogMax }) => backlogMax),
    worst(({ quietP95 }) => quietP95),
  ];
  const [api, worker] = [worst(({ resident }) => resident.api) / MIB, worst(({ resident }) => resident.worker) / MIB];
  const check = (what: string, passed: boolean, figure: string): Check => ({ what, figure, passed });
  return [
    check('every 202 ends', lost === 0, `${lost} of ${acknowledged} not completed`),
    check('every journal is gapless and has one end', brokenJournals === 0, `${brokenJournals} are not`),
    check(
      'refusals are 429 or 503 with a whole Retry-After',
      improper === 0 && lostLinks === 0,
      `${improper} other answers, ${lostLinks} connections lost, at worst`,
    ),
    check('every start is answered within 10 s', givenUp === 0, `${givenUp} given up by the client, at worst`),
    check('the client has sent all that it meant to', unsent === 0, `${unsent} not sent, at worst`),
    check('p99 of answers < 200 ms', p99 < 200, `${ms(p99)} since written, ${ms(meant)} since meant, at worst`),
    check('the backlog is bounded', backlog <= maxBacklog * 1.1 + 100, `${backlog}, of ${maxBacklog}`),
    check('goodput at 5 x >= 80 % of the peak', atFive >= 0.8 * peak, percent(atFive / peak)),
    check(
      'p95 of runs is back to 1.2 x within 60 s',
      back.runP95 <= 1.2 * half.runP95,
      `${ms(back.runP95)}, before ${ms(half.runP95)}`,
    ),
    check("the quiet tenant's p95 <= 2 x", quiet <= 2 * alone.quietP95, `${ms(quiet)}, alone ${ms(alone.quietP95)}`),
    check('RSS <= 512 MB a process', Math.max(api, worker) <= 512, `API ${api.toFixed(0)} MiB, worker ${worker.toFixed(0)} MiB`),
  ];
}

/** What stands in docs/reliability.md. */
export function renderOverload(overload: Overload, load: string): string {
  const head = [
    ...[
      'load',
      'offered/s',
      'accepted',
      'refused',
      'improper, lost, given up, not sent',
      'answers p99',
      'since meant',
      'goodput/s',
      'run p95',
      'quiet p95',
      'quiet refused',
    ],
    ...['backlog', 'MiB: API', 'worker', 'CPUs: clients', 'API', 'worker', 'servers'],
  ];
  const rows = overload.phases.map(({ cores, resident, ...phase }) => [
    ...[phase.name, phase.perSecond.toFixed(0), phase.accepted, phase.refused],
    ...[[phase.improper, phase.lost, phase.givenUp, phase.unsent].join(', '), ms(phase.answerP99), ms(phase.meantP99)],
    ...[phase.goodput.toFixed(0), ms(phase.runP95), ms(phase.quietP95), phase.quietRefused, phase.backlogMax],
    ...[resident.api, resident.worker].map((bytes) => (bytes / MIB).toFixed(0)),
    ...[cores.clients, cores.api, cores.worker, cores.servers].map((used) => used.toFixed(2)),
  ]);
  const checks = checksOf(overload).map(({ what, figure, passed }) => [what, figure, passed ? 'yes' : '**no**']);
  const delay = Math.max(...overload.phases.map(({ clientDelay }) => clientDelay));
  return [
    `Capacity ${overload.capacity.toFixed(0)} runs/s, MAX_BACKLOG=${overload.maxBacklog}; load average ${load}; event loop of the clients late by ${ms(delay)} (p99), at worst; ${overload.falseTakeovers} times a worker that lived was taken for dead.`,
    table(head, rows),
    table(['wanted', 'measured', 'met'], checks),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function ms(value: number): string {
  if (Number.isNaN(value)) return 'none';
  return Number.isFinite(value) ? `${value.toFixed(0)} ms` : 'refused';
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
