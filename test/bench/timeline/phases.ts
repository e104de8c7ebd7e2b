import { quantile } from '../bench-client.js';
import type { Mark } from './mark.js';

/** Where the time of a phase goes. */
export type Where = 'client' | 'worker' | 'SQL' | 'Redis';

export interface Phase {
  what: string;
  where: Where;
  /** Of one run; where a run has more of them, of all together. */
  ms: { median: number; best: number };
  /** Of one run. */
  times: number;
}

type Instant = readonly [name: string, at: number];

interface Kind {
  role: Mark['role'];
  what: 'sent' | 'heard';
  pattern: RegExp;
}

/** What of the traffic begins or ends a phase. Of what is sent, the last that is heard on its connection is the answer. */
const KINDS: Readonly<Record<string, Kind>> = {
  submission: { role: 'client', what: 'sent', pattern: /INSERT INTO runs/ },
  job: { role: 'client', what: 'sent', pattern: /evalsha[^]*:runs:id\r/ },
  woken: { role: 'worker', what: 'heard', pattern: /:runs:marker\r/ },
  take: { role: 'worker', what: 'sent', pattern: /evalsha[^]*:takers\r/ },
  lock: { role: 'worker', what: 'sent', pattern: /evalsha[^]*:lock\r[^]*30000\r/ },
  claim: { role: 'worker', what: 'sent', pattern: /SET @run[^]*claim_token = '/ },
  append: { role: 'worker', what: 'sent', pattern: /SET @run[^]*INSERT INTO journal/ },
  ring: { role: 'worker', what: 'sent', pattern: /publish\r[^]*"ended":true/ },
  rung: { role: 'client', what: 'heard', pattern: /message\r[^]*"ended":true/ },
  look: { role: 'client', what: 'sent', pattern: /SELECT runs\.id/ },
};

/** From one instant to the next. */
const PHASES: readonly (readonly [from: string, to: string, where: Where, what: string])[] = [
  ['begun', 'submission', 'client', 'is asked for the run, and writes the statements'],
  ['submission', 'submission answered', 'SQL', 'run and first event, flushed'],
  ['submission answered', 'job', 'client', 'adds the job'],
  ['job', 'woken', 'Redis', 'job added, the worker woken'],
  ['woken', 'take', 'worker', 'asks for jobs'],
  ['take', 'take answered', 'Redis', 'job taken'],
  ['take answered', 'lock', 'worker', 'reads the job'],
  ['lock', 'lock answered', 'Redis', 'lock taken'],
  ['lock answered', 'claim', 'worker', 'writes the claim'],
  ['claim', 'claim answered', 'SQL', 'claim, flushed'],
  ['claim answered', 'append', 'worker', 'loads the run, decides, executes the first node'],
  ['append', 'append answered', 'SQL', 'appends, each flushed'],
  ['append answered', 'append', 'worker', 'decides and executes each further node'],
  ['append answered', 'ring', 'worker', 'rings'],
  ['ring', 'rung', 'Redis', 'the client hears it'],
  ['rung', 'look', 'client', 'asks how the run ended'],
  ['look', 'look answered', 'SQL', 'run and last event'],
  ['look answered', 'done', 'client', 'reads it'],
];

/** The phases of runs of which one at a time is in flight, by the marks of client and worker, in the order of time. */
export function phasesOf(marks: readonly Mark[]): Phase[] {
  const runs = splitRuns(marks).map(instantsOf);
  return PHASES.flatMap(([from, to, where, what]) => {
    const spans = runs.map((instants) => spansOf(instants, from, to)).filter((each) => each.length > 0);
    if (spans.length < runs.length / 2) return [];
    const sums = spans.map((each) => each.reduce((sum, span) => sum + span, 0) / 1_000).toSorted((a, b) => a - b);
    const ms = { median: quantile(sums, 0.5), best: quantile(sums, 0.1) };
    return [
      {
        what,
        where,
        ms,
        times: quantile(
          spans.map(({ length }) => length).toSorted((a, b) => a - b),
          0.5,
        ),
      },
    ];
  });
}

function splitRuns(marks: readonly Mark[]): Mark[][] {
  const runs: Mark[][] = [];
  let run: Mark[] | null = null;
  for (const mark of marks) {
    if (mark.what === 'begun') run = [];
    run?.push(mark);
    if (mark.what !== 'done' || run === null) continue;
    runs.push(run);
    run = null;
  }
  return runs;
}

/** What is named in {@link PHASES}, in the order of time; an answer stands where its last piece was heard. */
function instantsOf(run: readonly Mark[]): Instant[] {
  const asked = new Map<string, string>();
  const answers = new Map<string, Instant>();
  const instants: Instant[] = [];
  for (const { what, role, connection, text, at } of run) {
    if (what === 'begun' || what === 'done') {
      instants.push([what, at]);
      continue;
    }
    const name = Object.keys(KINDS).find((kind) => {
      const { pattern, ...of } = KINDS[kind]!;
      return of.role === role && of.what === what && pattern.test(text);
    });
    const wire = `${role} ${connection}`;
    if (name !== undefined) instants.push([name, at]);
    const question = asked.get(wire);
    if (what === 'heard' && question !== undefined) answers.set(wire, [`${question} answered`, at]);
    if (what === 'heard') continue;
    settle(wire);
    if (name === undefined) asked.delete(wire);
    else asked.set(wire, name);
  }
  for (const wire of answers.keys()) settle(wire);
  return instants.toSorted(([, one], [, other]) => one - other);

  function settle(wire: string): void {
    const answer = answers.get(wire);
    if (answer !== undefined) instants.push(answer);
    answers.delete(wire);
  }
}

/** From each first instant to the next one of the second name, unless one of the first name comes before it. */
function spansOf(instants: readonly Instant[], from: string, to: string): number[] {
  const spans: number[] = [];
  let since: number | null = null;
  for (const [name, at] of instants) {
    if (name === to && since !== null) {
      spans.push(at - since);
      since = null;
    }
    if (name === from) since = at;
  }
  return spans;
}
