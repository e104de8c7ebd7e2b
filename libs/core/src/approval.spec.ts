import { describe, expect, it } from '@jest/globals';
import { approvalChanges, approvalId, parseApprovalId } from './approval.js';
import { nodeEvent } from './journal-event.js';

const node = { id: 'a.b', visit: 2, attempt: 1 };
const wait = { key: 'k', wake_at: 900, reason: 'Ship it?' };
const suspended = nodeEvent('node.suspended', node, 100, { ...wait, awaits: { kind: 'approval' } });

describe('an approval', () => {
  it('has an id that names run, visit and node', () => {
    const key = { runId: 'run-1', nodeId: 'a.b', visit: 2 };
    expect(approvalId(key)).toBe('run-1.2.a.b');
    expect(parseApprovalId('run-1.2.a.b')).toEqual(key);
    for (const text of ['', 'run', 'run.a', 'run.0.a', 'run.1.', '.1.a', `${'x'.repeat(65)}.1.a`])
      expect(parseApprovalId(text)).toBeNull();
  });

  it('opens with the wait for it, and closes when the wait ends without a decision', () => {
    const others = [
      nodeEvent('node.suspended', node, 100, { ...wait, awaits: { kind: 'time' } }),
      nodeEvent('node.resumed', node, 200, { key: 'k', output: null, signal_id: 4 }),
      nodeEvent('node.completed', node, 200, { output: null }),
    ];
    expect(approvalChanges(others)).toEqual([]);
    const timedOut = nodeEvent('node.resumed', node, 900, { key: 'k', output: null, signal_id: null });
    expect(approvalChanges([suspended, timedOut])).toEqual([
      { kind: 'opened', nodeId: 'a.b', visit: 2, title: 'Ship it?', at: 100, ask: expect.objectContaining({ due_at: 900 }) },
      { kind: 'expired', nodeId: 'a.b', visit: 2 },
    ]);
  });
});
