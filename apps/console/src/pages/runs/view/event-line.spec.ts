import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../../../live/protocol.js';
import { eventLine, filterEvents } from './event-line.js';

const event = (seq: number, type: string, node_id: string | null, payload: Record<string, unknown> = {}): RunEvent => ({
  ...{ run_id: 'r', seq, epoch: 1, type, node_id, visit: 1, attempt: 1, at: '2026-01-01T00:00:00.000Z', payload },
});

const JOURNAL = [
  event(1, 'run.submitted', null, { workflow_name: 'answer', workflow_version: 3, by: 'ann' }),
  event(2, 'node.started', 'fetch'),
  event(3, 'node.failed', 'fetch', { error: { code: 'http_refused', message: 'No such host' }, retry_at: 5 }),
  event(4, 'step.completed', 'write', { key: 'call-1', output: 'x' }),
  event(5, 'run.cancelled', null, { reason: 'enough', by: 'ann' }),
];

describe('a journal for people', () => {
  it('says each event in a line', () => {
    expect(JOURNAL.map(eventLine)).toEqual(['answer v3 (ann)', '', 'http_refused: No such host', 'call-1', 'enough (ann)']);
    expect(eventLine(event(6, 'node.completed', 'a', { output: 'y'.repeat(500) })).length).toBeLessThan(170);
  });

  it('is filtered by kinds of events and by any text', () => {
    const seqs = (groups: string[], text = '') => filterEvents(JOURNAL, { groups, text }).map(({ seq }) => seq);
    expect([seqs([]), seqs(['run']), seqs(['node', 'step'])]).toEqual([
      [1, 2, 3, 4, 5],
      [1, 5],
      [2, 3, 4],
    ]);
    expect([seqs([], 'FETCH'), seqs([], 'no such'), seqs(['run'], 'fetch')]).toEqual([[2, 3], [3], []]);
  });
});
