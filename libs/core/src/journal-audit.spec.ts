import { describe, expect, it } from '@jest/globals';
import { auditRun, type RunOutline } from './journal-audit.js';

const MAX = 100;

type Events = RunOutline['events'];

const event = (seq: number, type = 'node.completed', epoch = 1): Events[number] => ({ seq, type, epoch });
const first = event(1, 'run.submitted', 0);

function outline(change: Partial<RunOutline> = {}): RunOutline {
  const events = [first, event(2, 'run.claimed'), event(3), event(4, 'run.completed')];
  return { runId: 'r', tenantId: 'default', status: 'completed', seq: events.length, epoch: 1, task: null, events, ...change };
}

const running = (change: Partial<RunOutline> = {}): RunOutline =>
  outline({ status: 'running', seq: 3, events: [first, event(2, 'run.claimed'), event(3)], ...change });

const kindsOf = (run: RunOutline, maxEvents = MAX): string[] => auditRun(run, maxEvents).map(({ kind }) => kind);

const task = (status: 'running' | 'done' | 'failed', liveRunId: string | null, lastRunId: string | null = null) => ({
  task: { status, liveRunId, lastRunId },
});

describe('a run as it must be', () => {
  it.each([
    ['ended', outline()],
    ['in work', running()],
    ['in its fifth epoch', running({ epoch: 5, events: [first, event(2, 'run.claimed', 3), event(3, 'run.claimed', 5)] })],
    ['claimed, with nothing journaled under the claim', running({ epoch: 2 })],
    ['of a task that is running', running(task('running', 'r', 'earlier'))],
    ['of a task that is done', outline(task('done', null, 'r'))],
    ['of a task that runs again', outline(task('running', 'later', 'r'))],
    ['of a task that has run again since', outline(task('failed', null, 'later'))],
  ])('is not blamed: %s', (_name, run) => {
    expect(auditRun(run, MAX)).toEqual([]);
  });

  it('is not blamed for events that were not read', () => {
    const events = [event(98), event(99), event(100)];
    expect(kindsOf(running({ seq: 100, events }), 3)).toEqual([]);
    expect(kindsOf(running({ seq: 100, events: events.slice(1) }), 3)).toEqual(['gap']);
  });
});

describe('a run as none may be', () => {
  it.each([
    ['without its first event', running({ events: [event(2, 'run.claimed'), event(3)] }), ['gap']],
    ['with an event missing', running({ seq: 4, events: [first, event(2), event(4)] }), ['gap']],
    ['with an event twice', running({ events: [first, event(2), event(2), event(3)] }), ['gap']],
    ['without events', running({ events: [] }), ['gap']],
    ['whose epoch falls', running({ epoch: 3, events: [first, event(2, 'run.claimed', 3), event(3, 'x', 2)] }), ['epoch']],
    ['with an epoch that nobody was given', running({ events: [first, event(2), event(3, 'x', 2)] }), ['epoch']],
    ['ended twice', outline({ events: [first, event(2), event(3, 'run.failed'), event(4, 'run.completed')] }), ['end']],
    ['going on after its end', outline({ seq: 3, events: [first, event(2, 'run.completed'), event(3)] }), ['end', 'row']],
    ['ended without saying so', outline({ events: [first, event(2), event(3), event(4)] }), ['end', 'row']],
    ['ended, its row not', running({ events: [first, event(2), event(3, 'run.completed')] }), ['row']],
    ['ended otherwise than its row', outline({ status: 'failed' }), ['row']],
    ['longer than its row says', running({ seq: 2 }), ['row']],
    ['shorter than its row says', running({ seq: 5 }), ['row']],
    ['live, and its task does not know', running(task('done', null, 'r')), ['task']],
    ['live, and its task has another', running(task('running', 'other')), ['task']],
    ['ended, and its task still waits', outline(task('running', 'r')), ['task']],
    ['ended, and its task ended otherwise', outline(task('failed', null, 'r')), ['task']],
  ])('%s', (_name, run, kinds) => {
    expect(kindsOf(run)).toEqual(kinds);
  });

  it('is told with what is wrong', () => {
    expect(auditRun(running({ seq: 4, events: [first, event(2), event(4)] }), MAX)).toEqual([
      { kind: 'gap', detail: 'seq 4 stands where 3 should' },
    ]);
  });
});
